#!/usr/bin/env python3
"""Loads one lake of every stream, three nights with edits and deletes, into each engine, and compares the newest rows of
every stream with `pipesnap export`: their count and a checksum of every column. Loading twice must change nothing, and
a night loaded later must come to the same. The custom fields have names chosen to break SQL.

usage: test_warehouse.py [duckdb] [postgres] [clickhouse] [spark] [dialects]     all of them by default
PIPESNAP_BIN names the folder of the two programs.
"""

import contextlib
import decimal
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import dialects
import engines
import reference
from lake import Lake

NIGHTS = 3


class Checks:
    """What was compared, and what was not the same."""

    def __init__(self):
        self.compared, self.wrong = 0, []

    def equal(self, found, expected, what):
        self.compared += 1
        if found != expected:
            self.wrong.append(what)
            print(f"    WRONG: {what}: {found!r:.200}, not {expected!r:.200}")


def tables(lake):
    """The columns of every stream, as `schema --json` tells them."""
    return {one["stream"]: one for one in json.loads(lake.pipesnap("schema", lake.job, "--dialect", "duckdb", "--json"))}


def expected(lake, tables, *words):
    """The rows of every stream by `export`."""
    folder = f"{lake.folder}/export"
    shutil.rmtree(folder, ignore_errors=True)
    lake.pipesnap("export", lake.job, "--stream", "all", "--output", folder, *words)
    found = {}
    for stream, table in tables.items():
        with gzip.open(f"{folder}/{stream}.ndjson.gz", "rt", encoding="utf-8") as file:
            found[stream] = reference.rows(file.read().split("\n")[:-1], table["columns"])
    return found


def compare(engine, tables, rows, checks, when):
    """Every stream's view against the rows of `export`."""
    for stream, table in tables.items():
        columns = table["columns"]
        names = ", ".join(engine.quoted(column["name"]) for column in columns)
        found = engine.rows(f"SELECT {names} FROM pipedrive.{engine.quoted(stream)}", columns)
        wanted = [[engine_value(engine, *pair) for pair in zip(row, columns)] for row in rows[stream]]
        sums, truth = reference.checksums(found, columns), reference.checksums(wanted, columns)
        for name in truth:
            checks.equal(sums.get(name), truth[name], f"{engine.name}, {when}: {stream}.{name}")
            if sums.get(name) != truth[name] and name != "(rows)":
                show(found, wanted, [column["name"] for column in columns].index(name))


def engine_value(engine, value, column):
    """What the engine cannot hold is something else there: the manual says so."""
    if value is None:
        return [] if column["kind"] in ("ids", "labels") and not engine.has_null_lists else None
    if column["kind"] == "number" and not engine.has_wide_numbers:
        return value if abs(decimal.Decimal(value)) < reference.DECIMAL_BOUND else None
    return value


def show(found, wanted, place):
    """The first value that is not the same."""
    found, wanted = sorted(found, key=repr), sorted(wanted, key=repr)
    for one, other in zip(found, wanted):
        if one[place] != other[place]:
            return print(f"      {one[place]!r:.300}\n      {other[place]!r:.300}")


def versions(engine, tables):
    return {
        stream: engine.rows(
            f"SELECT count(*) FROM pipedrive.{engine.quoted(stream + '__versions')}", [{"kind": "integer"}])[0][0]
        for stream in tables
    }


def try_engine(engine, lake, checks):
    def schema(*words):
        return lake.pipesnap("schema", lake.job, "--dialect", engine.name, *words).decode()

    described = tables(lake)
    rows = expected(lake, described)
    if engine.has_outside:
        engine.run(schema())
        compare(engine, described, rows, checks, "in place")
        if isinstance(engine, engines.DuckDB):
            try_path_alone(engine, lake, checks)
        # The same names are taken by tables now.
        engine.run("DROP SCHEMA pipedrive CASCADE;\n" if engine.name != "clickhouse" else "DROP DATABASE pipedrive;\n")
    engine.run(schema("--loaded"))
    engine.run(schema("--load"))
    compare(engine, described, rows, checks, "loaded")
    once = versions(engine, described)
    engine.run(schema("--load"))
    engine.run(schema("--loaded"))
    compare(engine, described, rows, checks, "loaded twice")
    checks.equal(versions(engine, described), once, f"{engine.name}: versions after loading twice")
    return described, rows


def try_path_alone(engine, lake, checks):
    """DuckDB reads the lake with the path and no option."""
    for stream in ("deals", "persons", "leads", "deal_fields"):
        path = f"{lake.output}/snapshots/account=wide/stream={stream}/**/*.ndjson.gz"
        found = engine.rows(f"SELECT count(*) FROM '{path}'", [{"kind": "integer"}])[0][0]
        kept = engine.rows(f"SELECT count(*) FROM pipedrive.{stream}__versions", [{"kind": "integer"}])[0][0]
        checks.equal(found, kept, f"duckdb: {stream} by its path alone")


def later_night(engine, lake, described, checks):
    """One more night, loaded on top with `--since`."""
    last = lake.pipesnap("files", lake.job, "--json")
    last = json.loads(last)["last_run"]
    lake.night()
    new = tables(lake)
    for stream, table in described.items():
        before, after = ([c["name"] for c in one["columns"]] for one in (table, new[stream]))
        checks.equal([name for name in after if name in before], before, f"{stream}: columns keep their names")
    rows = expected(lake, new)
    for words in (["--loaded"], ["--load", "--since", last]):
        engine.run(lake.pipesnap("schema", lake.job, "--dialect", engine.name, *words).decode())
    compare(engine, new, rows, checks, "one more night")


def try_load(engine, lake, checks):
    """`pipesnap load`: exactly once, whatever kills it on the way."""
    rows, described = expected(lake, tables(lake)), tables(lake)
    engine.run("DROP SCHEMA pipedrive CASCADE;\n")
    target = engine.target()
    engine.pause()
    command = [lake.program, "load", lake.job, "--into", target, "--json"]
    kills = 0
    for delay in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6):
        process = subprocess.Popen(command, env=lake.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        for child in children(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
        process.kill()
        kills += process.wait() == -signal.SIGKILL
    checks.equal(kills > 0, True, f"{engine.name}: load was killed at least once")
    # A client that was left behind ends what it had begun, and holds the database until then.
    for _ in range(100):
        if lake.pipesnap("load", lake.job, "--into", target, "--json", codes=(0, 74)):
            break
        time.sleep(0.1)
    again = json.loads(lake.pipesnap("load", lake.job, "--into", target, "--json"))
    checks.equal((again["loaded"], again["loaded_before"]), ([], len(lake.runs)), f"{engine.name}: load a second time")
    engine.resume()
    compare(engine, described, rows, checks, f"load, killed {kills} times")
    missing = lake.pipesnap("load", lake.job, "--into", target, codes=(69,), environment={"PATH": "/nonexistent"})
    checks.equal(missing, b"", f"{engine.name}: without its client")


def children(pid):
    with contextlib.suppress(FileNotFoundError):
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    return []


def try_readable(lake, checks):
    """`export --readable` says the same under other names."""
    described = tables(lake)
    rows = expected(lake, described)
    found = expected(lake, {name: readable(table) for name, table in described.items()}, "--readable")
    for stream, table in described.items():
        columns = table["columns"]
        checks.equal(
            reference.checksums(found[stream], columns), reference.checksums(rows[stream], columns),
            f"export --readable: {stream}")


def readable(table):
    """Where a column's value stands when its field has a readable name: under the name of the field's first column."""
    first = {}
    for column in table["columns"]:
        key = custom_key(column)
        if key and "__label" not in column["name"]:
            first.setdefault(key, column["name"])
    return {**table, "columns": [{**column, "path": renamed(column, first)} for column in table["columns"]]}


def custom_key(column):
    key = column["path"][1] if column["path"][0] == "custom_fields" else column["path"][0][:40]
    return key if re.fullmatch("[0-9a-f]{40}", key) else None


def renamed(column, first):
    key, path = custom_key(column), column["path"]
    if key is None:
        return path
    if path[0] == "custom_fields":
        return [path[0], first[key], *path[2:]]
    return [first[key] + ("_" + path[0][40:] if path[0][40:] else "")]


def main():
    binaries = os.path.abspath(os.environ.get("PIPESNAP_BIN", ".build/release"))
    chosen = sys.argv[1:] or [*engines.ALL, "dialects"]
    checks = Checks()
    folder = tempfile.mkdtemp(prefix="pipesnap-warehouse-")
    lake = None
    try:
        lake = Lake(binaries, folder, nights=NIGHTS)
        try_readable(lake, checks)
        for name in chosen:
            began, before = time.monotonic(), checks.compared
            if name == "dialects":
                dialects.check(lake, checks)
            else:
                engine = engines.ALL[name](folder)
                try:
                    described, _ = try_engine(engine, lake, checks)
                    later_night(engine, lake, described, checks)
                    if hasattr(engine, "target"):
                        try_load(engine, lake, checks)
                finally:
                    engine.close()
            print(f"  {name}: {checks.compared - before} comparisons, {time.monotonic() - began:.1f} s", flush=True)
    finally:
        if lake:
            lake.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{checks.compared} comparisons, {len(checks.wrong)} wrong")
    return 1 if checks.wrong or not checks.compared else 0


if __name__ == "__main__":
    sys.exit(main())
