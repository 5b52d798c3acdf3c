#!/usr/bin/env python3
"""Loads one lake of every stream, histories too, nights with edits and deletes, into each engine, and compares the
newest rows, all versions and all lines of every stream with the files, the index and `pipesnap export`: their count and
a checksum of every column. Loading twice must change nothing, a night loaded later must come to the same, and so must
files that were merged meanwhile. The custom fields have names chosen to break SQL.

usage: test_warehouse.py [duckdb] [postgres] [clickhouse] [spark] [dialects]     all of them by default
PIPESNAP_BIN names the folder of the two programs.
"""

import contextlib
import glob
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
import names
import pages
import reference
import truth as truths
from lake import ACCOUNT, Lake
from truth import Truth

NIGHTS = 3


class Checks:
    """What was compared, and what was not the same."""

    def __init__(self):
        self.compared, self.wrong = 0, []

    def equal(self, found, expected, what):
        self.compared += 1
        if found != expected:
            self.wrong.append(what)
            print(f"    WRONG: {what}: {found!r:.600}, not {expected!r:.600}")


def compare(engine, truth, checks, when):
    """Every stream's views and lines against the truth."""
    for stream in truth.tables:
        columns = truth.columns(stream)
        for name, versions, columns in (
                (stream, truth.records[stream], columns),
                (f"{stream}__versions", truth.versions[stream], columns),
                (f"{stream}__lines", truth.versions[stream], truths.LINE_COLUMNS)):
            list = ", ".join(engine.quoted(column["name"]) for column in columns)
            found = engine.rows(f"SELECT {list} FROM pipedrive.{engine.quoted(name)}", columns)
            if (engine.name, name) not in truth.sums:
                rows = wanted_rows(engine, truth, versions, columns)
                truth.sums[engine.name, name] = reference.checksums(rows, columns)
            wanted = truth.sums[engine.name, name]
            if not same(found, wanted, columns, checks, f"{engine.name}, {when}: {name}"):
                show(found, wanted_rows(engine, truth, versions, columns), columns)


def wanted_rows(engine, truth, versions, columns):
    return [[engines.held(engine, *pair) for pair in zip(row, columns)] for row in truth.rows(versions, columns)]


def same(found, wanted, columns, checks, what):
    """Whether count and checksums are those that were wanted."""
    sums, wrong = reference.checksums(found, columns), len(checks.wrong)
    for name in wanted:
        checks.equal(sums.get(name), wanted[name], f"{what}.{name}")
    return len(checks.wrong) == wrong


def show(found, wanted, columns):
    """The first values that are not the same."""
    found, wanted = sorted(found, key=repr), sorted(wanted, key=repr)
    for row, other in zip(found, wanted):
        for column, *pair in zip(columns, row, other):
            if pair[0] != pair[1]:
                return print(f"      {column['name']}: {pair[0]!r:.300}\n      {pair[1]!r:.300}")


def schema(engine, lake, *words):
    engine.run(lake.pipesnap("schema", lake.job, "--dialect", engine.name, *words).decode())


def try_engine(engine, lake, checks):
    truth = Truth(lake, checks)
    if engine.has_outside:
        in_place(engine, lake, truth, checks, "in place")
        names.check_engine(engine, truth, checks)
        drop(engine)
    schema(engine, lake, "--loaded")
    # One stream first: the others of its runs must still come.
    schema(engine, lake, "--load", "--stream", "deals")
    schema(engine, lake, "--load")
    compare(engine, truth, checks, "loaded")
    names.check_engine(engine, truth, checks)
    schema(engine, lake, "--load")
    schema(engine, lake, "--loaded")
    compare(engine, truth, checks, "loaded twice")
    if isinstance(engine, engines.Postgres):
        # Its client passes over the runs that are there, and does not open their files.
        schema(engine, lake, "--load", "--prefix", "/nowhere/")
        # A view of somebody's own stays, whatever fields come or are renamed: ours may only grow at the end.
        engine.run("CREATE VIEW pipedrive.somebodys AS SELECT * FROM pipedrive.deals;")
    one_more_run(engine, lake, truth, checks)
    truth = merged(engine, lake, checks)
    if engine.has_outside:
        drop(engine)
        in_place(engine, lake, truth, checks, "merged, in place")
    return truth


def in_place(engine, lake, truth, checks, when):
    schema(engine, lake)
    compare(engine, truth, checks, when)
    if isinstance(engine, engines.DuckDB):
        try_path_alone(engine, lake, truth, checks)


def drop(engine):
    """The same names are to be taken by tables, or by views."""
    engine.run("DROP SCHEMA pipedrive CASCADE;\n" if engine.name != "clickhouse" else "DROP DATABASE pipedrive;\n")


def try_path_alone(engine, lake, truth, checks):
    """DuckDB reads the lake with the path and no option: every stream, and its lines are all there."""
    for stream, versions in truth.versions.items():
        path = f"{lake.output}/snapshots/account={ACCOUNT}/stream={stream}/**/*.ndjson.gz"
        found = engine.rows(f"SELECT _seq FROM '{path}'", [{"kind": "integer"}])
        checks.equal(
            sorted(found), [[truths.number(one)] for one in versions], f"duckdb: {stream} by its path alone")


def last_run(lake):
    return lake.document("files", lake.job)["last_run"]


def load_since(engine, lake, run):
    for words in (["--loaded"], ["--load", "--since", run]):
        schema(engine, lake, *words)


def one_more_run(engine, lake, before, checks):
    """One more run, loaded on top with `--since`."""
    last = last_run(lake)
    lake.night(hours=12)
    truth = Truth(lake, checks)
    for stream in truth.tables:
        old, new = ([one["name"] for one in state.tables[stream]["columns"]] for state in (before, truth))
        checks.equal(new[:len(old)], old, f"{stream}: columns keep their names, and what is new stands at the end")
    load_since(engine, lake, last)
    compare(engine, truth, checks, "one more run")


def merged(engine, lake, checks):
    """A run of the same day that is not loaded, and the day's files merged: what is loaded then has lines that are
    there already. Loading everything once more changes nothing either."""
    last, seq = last_run(lake), lake.index("SELECT max(seq) FROM versions")[0][0]
    lake.night(hours=12)
    lake.pipesnap("compact", lake.job, "--by", "day")
    truth = Truth(lake, checks)
    mixed = lake.index(f"SELECT path FROM files WHERE run > '{last}' AND first_seq <= {seq}")
    checks.equal(len(mixed) > 0, True, f"{engine.name}: files that are new have lines of the run before")
    load_since(engine, lake, last)
    compare(engine, truth, checks, "merged")
    schema(engine, lake, "--load")
    compare(engine, truth, checks, "merged, all loaded again")
    return truth


def try_load(engine, lake, truth, checks):
    """`pipesnap load`: exactly once, whatever kills it on the way."""
    drop(engine)
    target = engine.target()
    engine.pause()
    command = [lake.program, "load", lake.job, "--into", target, "--json"]
    kills, clients = 0, 0
    for delay in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6):
        process = subprocess.Popen(command, env=lake.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        for child in children(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
                clients += 1
        process.kill()
        kills += process.wait() == -signal.SIGKILL
    checks.equal(kills > 0 and clients > 0, True, f"{engine.name}: load and its client were killed at least once")
    stop(engine, lake, command, checks)
    if isinstance(engine, engines.Postgres):
        drop(engine)
        for when in ("first", "again"):
            at_once(lake, command, checks, f"postgres: loaders at once, {when}")
    # A client that was left behind by a kill ends what it had begun, and holds the database until then.
    for _ in range(100):
        if lake.pipesnap("load", lake.job, "--into", target, "--json", codes=(0, 74)):
            break
        time.sleep(0.1)
    runs = {one["run"] for one in lake.document("files", lake.job)["files"]}
    again = lake.document("load", lake.job, "--into", target)
    checks.equal((again["loaded"], again["loaded_before"]), ([], len(runs)), f"{engine.name}: load a second time")
    for account, code in (("other", 64), (ACCOUNT, 65)):
        job = lake.stranger(account)
        lake.pipesnap("load", job, "--into", target, codes=(code,))
    engine.resume()
    compare(engine, truth, checks, f"load, killed {kills} times")
    missing = lake.pipesnap("load", lake.job, "--into", target, codes=(69,), environment={"PATH": "/nonexistent"})
    checks.equal(missing, b"", f"{engine.name}: without its client")
    return pruned(engine, lake, truth, checks)


def at_once(lake, command, checks, what):
    """They wait for each other, and none fails."""
    loaders = [
        subprocess.Popen(command, env=lake.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(3)]
    found = [(one.communicate()[1].decode()[-300:], one.returncode) for one in loaders]
    checks.equal(found, [("", 0)] * 3, what)


def stop(engine, lake, command, checks):
    """Asked to end while its client is at work, it takes that along."""
    process = subprocess.Popen(command, env=lake.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    clients = []
    while process.poll() is None and not clients:
        clients = children(process.pid)
    process.terminate()
    checks.equal(process.wait(), 143, f"{engine.name}: load is asked to end")
    checks.equal([one for one in clients if os.path.exists(f"/proc/{one}")], [], f"{engine.name}: clients that stayed")


def pruned(engine, lake, before, checks):
    """What was loaded before a pruning stays, history too, and nothing comes twice: of files that lost lines, of a run
    after them, and of files that were merged then. A warehouse that is loaded afterwards has what the files have."""
    target = engine.target()
    gone = sum(one["versions"] for one in lake.document("prune", lake.job, "--keep", "1d")["streams"])
    checks.equal(gone > 0, True, f"{engine.name}: versions were pruned")
    again = load(engine, lake, target)
    checks.equal((again["loaded"], again["pruned"]), ([], []), f"{engine.name}: pruned, nothing is loaded")
    lake.night(hours=24)
    lake.pipesnap("compact", lake.job, "--by", "day")
    checks.equal(len(load(engine, lake, target)["loaded"]), 1, f"{engine.name}: pruned and merged, one run is loaded")
    truth = Truth(lake, checks)
    kept = before.joined(truth)
    checks.equal(sum(map(len, kept.versions.values())) >= sum(map(len, truth.versions.values())) + gone, True,
                 f"{engine.name}: the warehouse has what was pruned")
    compare(engine, kept, checks, "pruned and merged after it was loaded")
    drop(engine)
    found = load(engine, lake, target)
    checks.equal(len(found["pruned"]) > 0, True, f"{engine.name}: load tells that versions were pruned")
    compare(engine, truth, checks, "loaded after it was pruned and merged")
    return truth


def load(engine, lake, target):
    engine.pause()
    try:
        return lake.document("load", lake.job, "--into", target)
    finally:
        engine.resume()


def children(pid):
    """Of all its threads: each has a list of its own."""
    found = []
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        with contextlib.suppress(OSError), open(path) as file:
            found += [int(word) for word in file.read().split()]
    return found


def try_readable(lake, truth, checks):
    """`export --readable` says the same under other names."""
    found = truths.export(lake, "--readable")
    for stream, table in truth.tables.items():
        columns = table["columns"]
        rows = reference.rows(found[stream], readable(columns))
        wanted = reference.checksums(truth.rows(truth.records[stream], columns), columns)
        same(rows, wanted, columns, checks, f"export --readable: {stream}")


def readable(columns):
    """Where a column's value stands when its field has a readable name: under the name of the field's first column."""
    first = {}
    for column in columns:
        key = custom_key(column)
        if key and "__label" not in column["name"]:
            first.setdefault(key, column["name"])
    return [{**column, "path": renamed(column, first)} for column in columns]


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
        truth = Truth(lake, checks)
        names.check_lake(truth, checks)
        names.check_labels(truth, checks)
        try_readable(lake, truth, checks)
        for name in chosen:
            began, before = time.monotonic(), checks.compared
            if name == "dialects":
                dialects.check(lake, Truth(lake, checks), checks)
            else:
                engine = engines.ALL[name](folder)
                try:
                    truth = try_engine(engine, lake, checks)
                    if hasattr(engine, "target"):
                        truth = try_load(engine, lake, truth, checks)
                    pages.check(engine, lake, truth, checks)
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
