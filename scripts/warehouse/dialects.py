"""The engines that live in a cloud. Their statements are parsed in their own dialects, every one into a statement that
the parser knows, with the columns that `schema --json` tells. The files that their loaders read are held to their
makers' rules: Redshift's manifest and BigQuery's JSON schema."""

import json
import logging
import os
import re

import pages
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types

NAMES = ("bigquery", "snowflake", "redshift")
PREFIX = "s3://bucket/pipedrive/"
# What the parser takes as it is: statements of these kinds have no grammar there.
OPAQUE = ("LOCK TABLE",)


class Warnings(logging.Handler):
    def __init__(self):
        super().__init__()
        self.texts = []

    def emit(self, record):
        self.texts.append(record.getMessage())


def check(lake, truth, checks):
    log = logging.getLogger("sqlglot")
    for name in NAMES:
        for words in ([], ["--loaded"], ["--load"]):
            warnings = Warnings()
            log.addHandler(warnings)
            try:
                text = lake.pipesnap(
                    "schema", lake.job, "--dialect", name, "--prefix", PREFIX, *words).decode()
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
            complaints = [one for one in warnings.texts if not any(opaque in one for opaque in OPAQUE)]
            checks.equal(complaints, [], f"{what}: what the parser complains of")
            if "--load" not in words:
                views(found, truth, checks, what)
            if name == "bigquery" and not words:
                schema_files(lake, found, truth, checks)
        pages.check_cloud(lake, name, checks)
    manifests(lake, checks)


def view_columns(statements):
    """The columns of each view: name and expression."""
    made = {}
    for one in statements:
        if isinstance(one, exp.Create) and one.kind == "VIEW" and isinstance(one.expression, exp.Query):
            made[one.this.name] = {column.alias_or_name: column for column in one.expression.selects}
    return made


def views(statements, truth, checks, what):
    """Each view has the columns that were promised."""
    made = view_columns(statements)
    for stream in truth.tables:
        for view in (stream, f"{stream}__versions"):
            promised = [column["name"] for column in truth.columns(stream)]
            checks.equal(sorted(made.get(view, [])), sorted(promised), f"{what}: columns of {view}")


# What BigQuery's description of JSON schema files allows.
FIELD_TYPES = {
    "STRING": {"VARCHAR", "TEXT"}, "INTEGER": {"BIGINT"}, "NUMERIC": {"DECIMAL"}, "BOOLEAN": {"BOOLEAN"},
    "TIMESTAMP": {"TIMESTAMPTZ"}, "DATE": {"DATE"}, "TIME": {"TIME"}, "JSON": {"JSON"}}
FIELD_NAME = re.compile(r"[^\W\d]\w{0,299}")
RESERVED = ("_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier")
MOST_DESCRIPTION = 1024


def schema_files(lake, statements, truth, checks):
    """BigQuery's JSON schema of each stream: a valid one, and that of the view."""
    made = view_columns(statements)
    for stream in truth.tables:
        fields = json.loads(
            lake.pipesnap("schema", lake.job, "--dialect", "bigquery", "--stream", stream, "--schema-file"))
        names = [field["name"] for field in fields]
        checks.equal(names, list(made[stream]), f"bigquery: the schema file of {stream} has the view's columns")
        checks.equal(len({name.lower() for name in names}), len(names), f"bigquery: names of {stream} are told apart")
        for field in fields:
            faults = field_faults(field)
            checks.equal(faults, [], f"bigquery: {stream}.{field['name']} in the schema file")
            # The line's own columns are typed where the line is read.
            if not faults and not (field["name"].startswith("_") and field["name"] != "_parent"):
                checks.equal(
                    is_typed(made[stream][field["name"]], field), True, f"bigquery: {stream}.{field['name']} {field}")
        described = [field for field in fields if field.get("description")]
        custom = [field for field in names if field.startswith("cf_") and "__" not in field]
        checks.equal(len(described) >= len(custom), True, f"bigquery: custom fields of {stream} are described")


def field_faults(field):
    told = []
    if not set(field) <= {"name", "type", "mode", "description"}:
        told.append("a member that BigQuery does not know")
    if not FIELD_NAME.fullmatch(field["name"]) or field["name"].lower().startswith(RESERVED):
        told.append("a name that BigQuery refuses")
    if field["type"] not in FIELD_TYPES or field["mode"] not in ("NULLABLE", "REQUIRED", "REPEATED"):
        told.append("a type or mode that BigQuery does not know")
    if len(field.get("description", "")) > MOST_DESCRIPTION:
        told.append("a description that is too long")
    return told


def is_typed(column, field):
    """Whether the view's expression gives what the schema file says; of some functions the parser does not know it."""
    found = annotate_types(column.copy(), dialect="bigquery").type
    if found is None or found.this in (exp.DataType.Type.UNKNOWN, exp.DataType.Type.NULL):
        return True
    is_list = found.this == exp.DataType.Type.ARRAY
    if is_list != (field["mode"] == "REPEATED"):
        return False
    return is_list or found.this.name in FIELD_TYPES[field["type"]]


def manifests(lake, checks):
    """Redshift's manifest: every file as it lies on the disk, by its address and size, and none may be missing."""
    runs = sorted(run for (run,) in lake.index("SELECT DISTINCT run FROM files"))
    for words, chosen in (
            ([], lambda run, stream: True), (["--since", runs[0]], lambda run, stream: run > runs[0]),
            (["--stream", "deals"], lambda run, stream: stream == "deals"), (["--since", runs[-1]], lambda *_: False)):
        manifest = json.loads(
            lake.pipesnap("files", lake.job, "--format", "redshift", "--prefix", PREFIX, *words))
        wanted = [
            entry(lake, path) for path, run, stream in lake.index("SELECT path, run, stream FROM files")
            if chosen(run, stream)]
        what = f"redshift: the manifest of files {' '.join(words)}"
        checks.equal(sorted(manifest), ["entries"], what)
        checks.equal(sorted(manifest["entries"], key=address), sorted(wanted, key=address), what)
    on_disk = {
        os.path.relpath(os.path.join(folder, name), lake.output)
        for folder, _, names in os.walk(f"{lake.output}/snapshots") for name in names}
    checks.equal(on_disk, {path for (path,) in lake.index("SELECT path FROM files")}, "redshift: the files on the disk")


def entry(lake, path):
    size = os.path.getsize(f"{lake.output}/{path}")
    return {"url": PREFIX + path, "mandatory": True, "meta": {"content_length": size}}


def address(entry):
    return entry["url"]
