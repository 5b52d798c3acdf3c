"""Names of custom fields and labels of options that were chosen to break SQL: that the lake has every kind of them,
that each field has values, and that an engine tells them as they are."""

import truth as truths

KINDS = {
    "a quote": lambda name: "'" in name,
    "a double quote": lambda name: '"' in name,
    "a backtick": lambda name: "`" in name,
    "a backslash": lambda name: "\\" in name,
    "a semicolon": lambda name: ";" in name,
    "a comment": lambda name: "--" in name or "/*" in name,
    "dollar quotes": lambda name: "$$" in name,
    "a reserved word": lambda name: name.lower() in ("select", "order", "null"),
    "a column of ours": lambda name: name in ("id", "Title", "_seq"),
    "200 characters": lambda name: len(name) >= 200,
    "an emoji": lambda name: "\U0001F98A" in name,
    "other scripts": lambda name: name in ("日本語", "Бюджет"),
    "a line break": lambda name: "\n" in name,
    "a zero byte": lambda name: "\0" in name,
    "nothing at all": lambda name: name == "",
    "white space alone": lambda name: name == " ",
    "text that turns": lambda name: "\u202e" in name,
}
TWICE = "Budget"
# As many as the simulator knows.
LEAST_NAMES = 32


def check_lake(truth, checks):
    """Every kind of name is that of a field of deals that some deal has a value in."""
    fields = [one for one in truths.definitions(truth) if one[0] == "deals"]
    columns = truth.tables["deals"]["columns"]
    rows = truth.rows(truth.records["deals"], columns)
    keys = {
        column["path"][1] for place, column in enumerate(columns)
        if column["path"][0] == "custom_fields" and any(row[place] not in (None, []) for row in rows)}
    checks.equal(sorted({key for _, key, *_ in fields} - keys), [], "fields of deals without any value")
    names = [name for _, _, name, *_ in fields]
    for what, kind in KINDS.items():
        checks.equal(any(map(kind, names)), True, f"a field is called {what}")
    checks.equal(names.count(TWICE) >= 2, True, "two fields have one name")
    checks.equal(len(set(names)) >= LEAST_NAMES, True, f"{len(set(names))} names of fields")


def check_labels(truth, checks):
    """Ids of options of Pipedrive's own fields have labels beside them, and some records have such ids."""
    for stream, name in (
            ("deals", "label_ids__labels"), ("deals", "channel__label"), ("persons", "label_ids__labels"),
            ("organizations", "visible_to__label")):
        columns = [one for one in truth.tables[stream]["columns"] if one["name"] == name]
        values = [value for row in truth.rows(truth.records[stream], columns) for value in row]
        checks.equal(any(value not in (None, [], [None]) for value in values), True, f"{stream} has {name}")


def check_engine(engine, truth, checks):
    """The views of fields and options say what the definitions say."""
    def ask(sql, count):
        return sorted(engine.rows(sql, [{"kind": "plain"}] * count))

    def told(text):
        return text.replace("\0", "\ufffd")

    fields = truths.definitions(truth)
    found = ask(
        "SELECT stream, field_key, field_name, field_type FROM pipedrive.custom_fields"
        " WHERE is_alias = 'no' AND is_deleted = 'no'", 4)
    wanted = sorted([stream, key, told(name), kind] for stream, key, name, kind, _ in fields)
    missing = [one for one in wanted if one not in found]
    checks.equal(missing, [], f"{engine.name}: fields that custom_fields does not tell")
    checks.equal([one for one in found if one not in wanted], [], f"{engine.name}: custom_fields tells of other fields")
    found = ask("SELECT DISTINCT stream, option_id, label FROM pipedrive.custom_field_options", 3)
    wanted = sorted([stream, str(id), told(label)] for stream, *_, options in fields for id, label in options)
    checks.equal([one for one in wanted if one not in found], [], f"{engine.name}: custom_field_options")
    shown = {tuple(one) for one in ask("SELECT stream, column_name FROM pipedrive.custom_fields", 2)}
    columns = {(stream, one["name"]) for stream, table in truth.tables.items() for one in table["columns"]}
    checks.equal(sorted(shown - columns), [], f"{engine.name}: columns of fields that are in no view")
