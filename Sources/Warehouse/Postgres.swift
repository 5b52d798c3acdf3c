/// PostgreSQL cannot read gzip files: they are loaded through psql's `\copy`, each line as the one column of a CSV file
/// without quoting, and kept as `jsonb`. A run is loaded in one transaction that begins by locking the book of runs.
struct Postgres: Dialect {
    func quoted(_ identifier: String) -> String { doubleQuoted(identifier) }
    func literal(_ text: String) -> String { standardLiteral(text) }

    var textType: String { "text" }

    func preamble(_ lake: Lake) -> [String] { foundation(lake) + functions(lake) }

    private func foundation(_ lake: Lake) -> [String] {
        [
            "CREATE SCHEMA IF NOT EXISTS \(quoted(lake.schema))",
            """
            CREATE TABLE IF NOT EXISTS \(book(lake))
              (run text PRIMARY KEY, loaded_at timestamptz NOT NULL DEFAULT now())
            """,
        ]
    }

    /// Whoever makes tables and views, and whoever loads, takes the book's lock before any other, so no two of them
    /// hold each other up for good. Before there is a book, a lock by name stands for it.
    func entrance(_ lake: Lake) -> [String] {
        let waiting = "BEGIN PERFORM pg_advisory_xact_lock(hashtext(\(literal(book(lake))))); END"
        return ["DO \(literal(waiting))"] + foundation(lake) + [lock(lake)]
    }

    private func lock(_ lake: Lake) -> String { "LOCK TABLE \(book(lake)) IN EXCLUSIVE MODE" }

    /// A cast that fails would end the whole query, so every value is looked at first.
    private func functions(_ lake: Lake) -> [String] {
        func function(_ name: String, _ type: String, _ language: String, _ body: String) -> String {
            // What catches an error begins a subtransaction, which parallel workers may not.
            let parallel = language == "sql" ? "SAFE" : "UNSAFE"
            return """
                CREATE OR REPLACE FUNCTION \(self.name(name, lake))(x text) RETURNS \(type)
                LANGUAGE \(language) STABLE PARALLEL \(parallel) AS \(literal(body))
                """
        }
        let date = #"'^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$'"#
        let time = #"'^\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-][01]\d:?[0-5]\d)?$'"#
        let isThatLong = """
            substr(x, 9, 2)::int <= extract(day FROM make_date(left(x, 4)::int, substr(x, 6, 2)::int, 1)
              + interval '1 month - 1 day')
            """
        // What `jsonb` does not take, a zero or half a surrogate pair, is replaced; all of the line's are then.
        let damaged = #"'\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\\ufffd', 'g'"#
        return [
            function(
                "pipesnap_date", "date", "sql",
                "SELECT CASE WHEN x ~ \(date) AND left(x, 4) <> '0000' "
                    + "THEN CASE WHEN \(isThatLong) THEN x::date END END"),
            function(
                "pipesnap_time", "timestamptz", "sql",
                "SELECT CASE WHEN x ~ \(time) THEN CASE WHEN \(name("pipesnap_date", lake))(left(x, 10)) IS NOT NULL "
                    + #"THEN (CASE WHEN x ~ '(Z|[+-]\d\d:?\d\d)$' THEN x ELSE x || 'Z' END)::timestamptz END END"#),
            function(
                "pipesnap_json", "jsonb", "plpgsql",
                "BEGIN RETURN x::jsonb; EXCEPTION WHEN OTHERS THEN RETURN regexp_replace(x, \(damaged))::jsonb; END"),
        ]
    }

    func outside(_ table: StreamTable, _ lake: Lake) -> [String]? { nil }

    func tables(_ table: StreamTable, _ lake: Lake) -> [String] {
        func made(_ name: String, key: String) -> String {
            """
            CREATE TABLE IF NOT EXISTS \(name) (_seq bigint NOT NULL, _op text NOT NULL, _run text NOT NULL,
              _fetched_at timestamptz NOT NULL, _reason text, _key text NOT NULL, _record jsonb NOT NULL,
              PRIMARY KEY (\(key)))
            """
        }
        return [
            made(lines(table, lake), key: "_seq"), made(currentTable(table, lake), key: "_key"),
            "CREATE INDEX IF NOT EXISTS \(quoted("\(table.name)__key")) ON \(lines(table, lake)) (_key, _seq)",
        ]
    }

    func load(_ run: RunFiles, _ tables: [StreamTable], _ lake: Lake) -> [String] {
        let isNew = isNew(run, lake)
        let changes = LineColumn.all.filter { $0 != LineColumn.key }.map { "\($0) = EXCLUDED.\($0)" }
        let steps = tables.flatMap { table -> [String] in
            let current = currentTable(table, lake)
            return (run.paths[table.name] ?? []).map(copy) + [
                """
                CREATE TEMP TABLE staged_lines ON COMMIT DROP AS
                SELECT (r->>'_seq')::bigint AS _seq, r->>'_op' AS _op, r->>'_run' AS _run,
                  (r->>'_fetched_at')::timestamptz AS _fetched_at, r->>'_reason' AS _reason,
                  \(key(table)) AS _key, r AS _record
                FROM (SELECT \(name("pipesnap_json", lake))(line) AS r FROM staged_text) AS t
                """,
                """
                INSERT INTO \(lines(table, lake)) (\(LineColumn.list)) SELECT \(LineColumn.list) FROM staged_lines
                ON CONFLICT (_seq) DO NOTHING
                """,
                """
                INSERT INTO \(current) AS c (\(LineColumn.list))
                SELECT DISTINCT ON (_key) \(LineColumn.list) FROM staged_lines ORDER BY _key, _seq DESC
                ON CONFLICT (_key) DO UPDATE SET \(changes.joined(separator: ", ")) WHERE c._seq < EXCLUDED._seq
                """,
                "DROP TABLE staged_lines", "TRUNCATE staged_text",
            ]
        }
        let note = "INSERT INTO \(book(lake)) (run) VALUES (\(literal(run.run)))"
        return [
            "BEGIN", lock(lake),
            // The files of a run that is there are not even read: psql passes over everything up to the end.
            "SELECT \(isNew) AS is_new\n\\gset", "\\if :is_new", "DO \(literal(Self.quickCompression))",
            "CREATE TEMP TABLE staged_text (line text) ON COMMIT DROP",
        ] + steps + (run.isWhole ? [note] : []) + ["\\endif", "COMMIT"]
    }

    /// Twice as quick as the default, and smaller; servers before version 14, or built without it, do not have it.
    private static let quickCompression = """
        BEGIN PERFORM set_config('default_toast_compression', 'lz4', true); EXCEPTION WHEN OTHERS THEN NULL; END
        """

    private func key(_ table: StreamTable) -> String {
        func text(_ path: [String]) -> String {
            let objects = path.dropLast().map { "->\(literal($0))" }.joined()
            return "(r\(objects)->>\(literal(path.last ?? "")))"
        }
        return key(table, seq: text([LineColumn.seq]), text: text)
    }

    /// One line of psql: its client unpacks the file and sends it.
    private func copy(_ path: String) -> String {
        let word = "'\(path.replacing("'", with: #"'\''"#))'"
        return #"\copy staged_text FROM PROGRAM \#(literal("gzip -dc -- \(word)"))"#
            + #" WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')"#
    }

    /// Dependent views live on as long as columns are only added, which is all that custom fields do.
    func view(_ name: String, as query: String) -> [String] {
        let create = literal("CREATE OR REPLACE VIEW \(name) AS\n\(query)")
        let body = """
            BEGIN
              EXECUTE \(create);
            EXCEPTION WHEN invalid_table_definition THEN
              DROP VIEW \(name);
              EXECUTE \(create);
            END
            """
        return ["DO \(literal(body))"]
    }

    func typed(_ table: StreamTable, _ lake: Lake, from relation: String, where condition: String?) -> String {
        let tree = PathTree(table.columns.map(\.path))
        let json = Set(table.columns.filter { $0.kind == .json }.map(\.path))
        func shape(_ tree: PathTree, _ place: [String]) -> String {
            tree.order.map { name in
                let isText = tree.children[name]?.isLeaf == true && !json.contains(place + [name])
                return "\(quoted(name)) \(isText ? "text" : "jsonb")"
            }.joined(separator: ", ")
        }
        var source = "\(relation) AS l CROSS JOIN LATERAL jsonb_to_record(l._record) AS m(\(shape(tree, [])))"
        if let custom = tree.children[Self.customFields] {
            let object = "m.\(quoted(Self.customFields))"
            source += """

                CROSS JOIN LATERAL jsonb_to_record(
                  CASE jsonb_typeof(\(object)) WHEN 'object' THEN \(object) ELSE '{}' END)
                  AS c(\(shape(custom, [Self.customFields])))
                """
        }
        return select(table, from: source + (condition.map { "\nWHERE \($0)" } ?? "")) {
            value($0.kind, text($0.path), lake)
        }
    }

    private static let customFields = "custom_fields"

    private func text(_ path: [String]) -> String {
        let isCustom = path.count > 1 && path[0] == Self.customFields
        let members = isCustom ? path.dropFirst() : path[...]
        let first = (isCustom ? "c." : "m.") + quoted(members.first ?? "")
        return members.dropFirst().reduce(first) { "(\($0) ->> \(literal($1)))" }
    }

    private func value(_ kind: Column.Kind, _ text: String, _ lake: Lake) -> String {
        switch kind {
        case .text, .json: return text
        case .integer: return integer(text)
        case .number:
            return #"CASE WHEN \#(text) ~ '^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$' THEN \#(text)::numeric END"#
        case .boolean:
            return
                "CASE \(text) WHEN 'true' THEN true WHEN '1' THEN true WHEN 'false' THEN false WHEN '0' THEN false END"
        case .time: return "\(name("pipesnap_time", lake))(\(text))"
        case .date: return "\(name("pipesnap_date", lake))(\(text))"
        case .clock: return #"CASE WHEN \#(text) ~ '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$' THEN \#(text)::time END"#
        case .ids: return ids(text)
        case .label(let options): return labels(of: options, for: integer(text))
        case .labels(let options):
            let label = labels(of: options, for: "u.i")
            return "CASE WHEN \(text) IS NOT NULL THEN ARRAY(SELECT \(label) FROM unnest(\(ids(text))) "
                + "WITH ORDINALITY AS u(i, place) ORDER BY place) END"
        }
    }

    private func integer(_ text: String) -> String {
        "CASE WHEN \(text) ~ '^-?[0-9]{1,18}$' THEN \(text)::bigint END"
    }

    /// Whatever stands between the numbers becomes one comma.
    private func ids(_ text: String) -> String {
        "CASE WHEN \(text) !~ '[0-9]{19}' THEN "
            + "string_to_array(btrim(regexp_replace(\(text), '[^0-9]+', ',', 'g'), ','), ',')::bigint[] END"
    }
}
