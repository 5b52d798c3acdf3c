"""The commands on the pages of docs/warehouses, run as they are written, one after another, in a folder that has the
job file and the output folder. What the pages' readers have and we have not is a stand-in: the clients of the clouds
take note of the statements that they are handed, and ClickHouse's clients hand them to the engine inside Python."""

import json
import os
import re
import shutil
import stat
import subprocess

import sqlglot

PAGES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/warehouses")
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Where a reader's server is, and who may use it, is set for all commands of a page by a line that begins so.
SETTING = "export "
# For the commands of a block: Spark begins a program for each, on a machine that may be busy.
PATIENCE_SECONDS = 3600

NOTED = """#!/usr/bin/env bash
# Takes note of the statements that a cloud's client is handed: in files, or on its standard input.
set -euo pipefail
previous=
for word in "$@"; do
    if [ "$previous" = -f ]; then cat -- "$word" >> "$NOTES"; fi
    previous=$word
done
if [ ! -t 0 ]; then cat >> "$NOTES"; fi
"""
CLICKHOUSE = """#!/usr/bin/env python3
import sys
from chdb import session
words = sys.argv[1:]
# Both ways to run statements are one engine here.
path = words[words.index("--path") + 1] if "--path" in words else {path!r}
one = session.Session(path)
text = words[words.index("--query") + 1] if "--query" in words else sys.stdin.read()
# The engine's own parser tells where a statement ends, as it does for its clients.
found = str(one.query(text, "TabSeparated"))
if found:
    print(found)
one.close()
"""


def blocks(name):
    with open(f"{PAGES}/{name}.md", encoding="utf-8") as file:
        found = BLOCK.findall(file.read())
    return ["".join(line + "\n" for line in block.splitlines() if not line.startswith(SETTING)) for block in found]


class Page:
    """The commands of a page, and the folder in which they are run."""

    def __init__(self, lake, name, **environment):
        self.lake, self.name = lake, name
        self.folder = f"{lake.folder}/page-{name}"
        self.programs = f"{self.folder}/programs"
        os.makedirs(self.programs)
        for inside in ("jobs", "output"):
            os.symlink(f"{lake.folder}/{inside}", f"{self.folder}/{inside}")
        self.put("pipesnap", f'#!/bin/sh\nexec {lake.program} "$@"\n')
        run = lake.index("SELECT min(run) FROM files")[0][0]
        self.notes = f"{self.folder}/notes.sql"
        self.environment = {
            **lake.environment, "PATH": f"{self.programs}:{os.environ['PATH']}", "LAST_RUN": run, "NOTES": self.notes,
            **environment}

    def put(self, name, text):
        """A program that the page's commands find."""
        path = f"{self.programs}/{name}"
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)

    def run(self, checks):
        """Runs every block; what they wrote."""
        told, found = "", blocks(self.name)
        checks.equal(len([one for one in found if one.strip()]) > 0, True, f"{self.name}.md has commands")
        for block in found:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", block], cwd=self.folder, env=self.environment,
                stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_SECONDS)
            checks.equal(
                (done.returncode, done.stderr.decode()[-2000:] if done.returncode else ""), (0, ""),
                f"{self.name}.md: {block}")
            told += done.stdout.decode()
        return told

    def clean(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def check_duckdb(_, lake, truth, checks):
    import duckdb

    page = Page(lake, "duckdb")
    told = page.run(checks)
    checks.equal("title" in told and "status" in told, True, "duckdb.md shows deals")
    for database in ("acme", "loaded"):
        with duckdb.connect(f"{page.folder}/{database}.duckdb") as connection:
            count = connection.execute("SELECT count(*) FROM pipedrive.deals").fetchone()[0]
            checks.equal(count, len(truth.records["deals"]), f"duckdb.md: deals in {database}.duckdb")
    page.clean()


def check_postgres(engine, lake, truth, checks):
    engine.psql("CREATE DATABASE crm")
    page = Page(lake, "postgres", PGHOST=engine.folder, PGUSER="loader", PGDATABASE="crm")
    told = page.run(checks)
    checks.equal("title" in told and "currency" in told, True, "postgres.md shows deals")
    done = subprocess.run(
        ["psql", "-X", "-A", "-t", "-c", "SELECT count(*) FROM pipedrive.deals"], env=page.environment,
        capture_output=True, text=True)
    checks.equal(done.stdout.strip(), str(len(truth.records["deals"])), "postgres.md: deals that were loaded")
    page.clean()


def check_clickhouse(_, lake, truth, checks):
    page = Page(lake, "clickhouse")
    page.put("clickhouse", CLICKHOUSE.format(path=f"{page.folder}/server"))
    checks.equal(
        page.run(checks).split(), [str(len(truth.records["deals"]))] * 2, "clickhouse.md counts deals, twice")
    page.clean()


def check_spark(_, lake, truth, checks):
    page = Page(lake, "spark", JAVA_HOME=os.environ["JAVA_HOME"], SPARK_LOCAL_IP="127.0.0.1")
    counts = [line for line in page.run(checks).split() if line.isdigit()]
    checks.equal(counts, [str(len(truth.records["deals"]))] * 2, "spark.md counts deals, twice")
    page.clean()


def check_cloud(lake, name, checks):
    """The commands write statements, hand them to the cloud's client, and its dialect takes them."""
    page = Page(lake, name)
    for client in ("bq", "gsutil", "aws", "snowsql", "psql"):
        page.put(client, NOTED)
    page.run(checks)
    with open(page.notes, encoding="utf-8") as file:
        statements = sqlglot.parse(file.read(), read=name)
    checks.equal(len(statements) > 100, True, f"{name}.md hands {len(statements)} statements to the client")
    for path in os.listdir(page.folder):
        if path.endswith((".json", ".manifest")):
            with open(f"{page.folder}/{path}") as file:
                checks.equal(bool(json.load(file)), True, f"{name}.md writes {path}")
    page.clean()


ENGINES = {
    "duckdb": check_duckdb, "postgres": check_postgres, "clickhouse": check_clickhouse, "spark": check_spark}


def check(engine, lake, truth, checks):
    ENGINES[engine.name](engine, lake, truth, checks)
