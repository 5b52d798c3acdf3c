"""What the tables of a warehouse must hold, by the snapshot files, the index and `export`, without any SQL of ours."""

import copy
import gzip
import json
import re
import shutil

import lake as lakes
import reference

# What every view has beside the members of its stream.
LINE_COLUMNS = [
    {"name": "_seq", "path": ["_seq"], "kind": "integer"}, {"name": "_op", "path": ["_op"], "kind": "text"},
    {"name": "_run", "path": ["_run"], "kind": "text"},
    {"name": "_fetched_at", "path": ["_fetched_at"], "kind": "time"},
    {"name": "_reason", "path": ["_reason"], "kind": "text"}, {"name": "_key", "kind": "text"},
    {"name": "_record", "path": [], "kind": "json"},
]


class Truth:
    """The rows of every stream as they are now, in the form of the reference."""

    def __init__(self, lake, checks):
        # Of the tables of an engine, by its name and theirs, since they are asked for again and again.
        self.sums = {}
        self.tables = {one["stream"]: one for one in lake.document("schema", lake.job, "--dialect", "duckdb")}
        catalogue = lake.document("streams")
        checks.equal(sorted(self.tables), sorted({one["stream"] for one in catalogue}), "the lake has every stream")
        # Of these a record is known by its bytes, and its key in a warehouse is its number.
        self.unkeyed = {one["stream"] for one in catalogue if one["key"].endswith("content")}
        lines = lake.lines()
        self.versions, newest = {stream: [] for stream in self.tables}, {stream: set() for stream in self.tables}
        for stream, key, seq in lake.index("SELECT stream, id, seq FROM versions ORDER BY seq"):
            self.versions[stream].append((lines.pop(seq), str(seq) if stream in self.unkeyed else key))
        checks.equal(len(lines), 0, "the files have what the index has")
        for stream, seq in lake.index("SELECT stream, seq FROM records WHERE op = 'upsert'"):
            newest[stream].add(seq)
        self.records = {
            stream: [one for one in versions if number(one) in newest[stream]]
            for stream, versions in self.versions.items()}
        for stream, exported in export(lake).items():
            found = [lakes.bare(line) for line, _ in self.records[stream]]
            checks.equal(sorted(exported), sorted(found), f"export: {stream}")

    def joined(self, later):
        """A later truth with the versions of this one that it no longer has."""
        found = copy.copy(later)
        found.sums, found.versions = {}, {}
        for stream, versions in later.versions.items():
            every = {number(one): one for one in [*self.versions.get(stream, []), *versions]}
            found.versions[stream] = [every[seq] for seq in sorted(every)]
        return found

    def columns(self, stream):
        return self.tables[stream]["columns"] + LINE_COLUMNS

    def rows(self, versions, columns):
        return [row(line, key, columns) for line, key in versions]


def number(version):
    return int(re.search(r'"_seq":([0-9]+)', version[0]).group(1))


def row(line, key, columns):
    record = reference.record(line)
    return [key if column["name"] == "_key" else reference.typed(record, column) for column in columns]


def export(lake, *words):
    """The lines of every stream by `export`."""
    folder = f"{lake.folder}/export"
    shutil.rmtree(folder, ignore_errors=True)
    lake.pipesnap("export", lake.job, "--stream", "all", "--output", folder, *words)
    found = {}
    for stream in lake.document("schema", lake.job, "--dialect", "duckdb"):
        with gzip.open(f"{folder}/{stream['stream']}.ndjson.gz", "rt", encoding="utf-8", newline="\n") as file:
            found[stream["stream"]] = file.read().split("\n")[:-1]
    return found


def definitions(truth):
    """The custom fields as their definitions are now: by stream, key, name, type and options."""
    found = []
    for entity in ("deal", "person", "organization", "product"):
        for line, _ in truth.records[f"{entity}_fields"]:
            field = json.loads(line)
            if re.fullmatch("[0-9a-f]{40}", field["field_code"]):
                options = [(one["id"], one["label"]) for one in field.get("options") or []]
                found.append((f"{entity}s", field["field_code"], field["field_name"], field["field_type"], options))
    # Leads carry the custom fields of deals.
    return found + [("leads", *rest) for stream, *rest in found if stream == "deals"]
