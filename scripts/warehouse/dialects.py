"""The statements for the engines that live in a cloud: parsed in their own dialects, every one into a statement that the
parser knows, with the columns that `schema --json` tells."""

import json
import logging

import sqlglot
from sqlglot import exp

NAMES = ("bigquery", "snowflake", "redshift")
# What the parser takes as it is: statements of these kinds have no grammar there.
OPAQUE = ("LOCK TABLE",)


class Warnings(logging.Handler):
    def __init__(self):
        super().__init__()
        self.texts = []

    def emit(self, record):
        self.texts.append(record.getMessage())


def check(lake, checks):
    tables = {one["stream"]: one for one in json.loads(lake.pipesnap("schema", lake.job, "--dialect", "duckdb", "--json"))}
    log = logging.getLogger("sqlglot")
    for name in NAMES:
        for words in ([], ["--loaded"], ["--load"]):
            warnings = Warnings()
            log.addHandler(warnings)
            try:
                text = lake.pipesnap(
                    "schema", lake.job, "--dialect", name, "--prefix", "s3://bucket/pipedrive/", *words).decode()
                found = sqlglot.parse(text, read=name)
            except sqlglot.errors.ParseError as error:
                checks.equal(str(error)[:300], "", f"{name} {words}")
                continue
            finally:
                log.removeHandler(warnings)
            what = f"{name} {' '.join(words)}"
            unknown = [
                one.sql()[:120] for one in found
                if isinstance(one, exp.Command) and not one.sql().upper().startswith(OPAQUE)]
            checks.equal(unknown, [], f"{what}: statements that the parser does not know")
            if "--load" not in words:
                views(found, tables, checks, what)


def views(statements, tables, checks, what):
    """Each view has the columns that were promised."""
    made = {}
    for one in statements:
        if isinstance(one, exp.Create) and one.kind == "VIEW" and isinstance(one.expression, exp.Query):
            made[one.this.name] = [column.alias_or_name for column in one.expression.selects]
    for stream, table in tables.items():
        for view in (stream, f"{stream}__versions"):
            promised = [column["name"] for column in table["columns"]]
            shown = [name for name in made.get(view, []) if not name.startswith("_")]
            checks.equal(sorted(shown), sorted(promised), f"{what}: columns of {view}")
