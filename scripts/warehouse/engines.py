"""The engines: how each is handed statements, and how its values are read. A value leaves an engine in the form that
`reference.py` gives it."""

import datetime
import decimal
import json
import os
import pwd
import re
import shutil
import subprocess

import reference


# A whole number as the reference has it within JSON: the engine writes those beyond 64 bits as texts.
WHOLE = re.compile(r'\["number", ("([0-9]+)")\]')


def common(value, column):
    """A value that an engine handed out, in the form of the reference."""
    kind = column["kind"]
    if kind == "plain":
        return value
    if kind in ("ids", "labels"):
        return None if value is None else list(value)
    if value is None:
        return None
    if kind == "json":
        found = reference.record(value) if isinstance(value, str) else value
        return json.dumps(reference.canonical(found), ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None).isoformat(timespec="milliseconds")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (decimal.Decimal, float)):
        return reference.plain(str(value))
    if kind == "text":
        return reference.loose(value)
    if kind == "clock":
        return reference.clock(value)
    return value


def held(engine, value, column):
    """What an engine makes of a value that it cannot hold, as its page says."""
    if value is None:
        return [] if column["kind"] in ("ids", "labels") and not engine.has_null_lists else None
    if isinstance(value, str) and not engine.has_zero_bytes:
        return value.replace("\0", "\ufffd").replace("\\u0000", "\ufffd")
    if column["kind"] == "number" and not engine.has_wide_numbers:
        return value if abs(decimal.Decimal(value)) < reference.DECIMAL_BOUND else None
    if column["kind"] == "json" and column["path"] and engine.name == "clickhouse":
        return WHOLE.sub(lambda found: found.group() if int(found.group(2)) < 1 << 64 else found.group(1), value)
    return value


class DuckDB:
    name, has_outside, has_null_lists, has_wide_numbers, has_zero_bytes = "duckdb", True, True, False, True

    def __init__(self, folder):
        import duckdb

        self.path = f"{folder}/lake.duckdb"
        self.connection = duckdb.connect(self.path)

    def run(self, statements):
        self.connection.execute(statements)

    def rows(self, sql, columns):
        found = self.connection.execute(sql).fetchall()
        return [[common(value, column) for value, column in zip(row, columns)] for row in found]

    def quoted(self, name):
        return '"' + name.replace('"', '""') + '"'

    def target(self):
        return f"duckdb:{self.path}-loaded"

    def pause(self):
        """One program at a time may have the file open."""
        self.connection.close()

    def resume(self):
        import duckdb

        self.connection = duckdb.connect(f"{self.path}-loaded")

    def close(self):
        self.connection.close()


class ClickHouse:
    name, has_outside, has_null_lists, has_wide_numbers, has_zero_bytes = "clickhouse", True, False, False, True

    def __init__(self, folder):
        from chdb import session

        self.session = session.Session(f"{folder}/clickhouse")

    def run(self, statements):
        for statement in split(statements):
            self.session.query(statement)

    def rows(self, sql, columns):
        written = str(self.session.query(sql, "JSONCompactEachRow")).splitlines()
        return [[self.value(*pair) for pair in zip(json.loads(line), columns)] for line in written]

    def value(self, value, column):
        kind = column["kind"]
        if kind in ("integer",) and value is not None:
            return int(value)
        if kind in ("ids",):
            return [int(one) for one in value]
        if kind == "time" and value is not None:
            return value.replace(" ", "T") + ("" if "." in value else ".000")
        if kind == "number" and value is not None:
            return reference.plain(str(value))
        return common(value, column)

    def quoted(self, name):
        return "`" + name.replace("`", "``") + "`"

    def close(self):
        self.session.close()


class Spark:
    name, has_outside, has_null_lists, has_wide_numbers, has_zero_bytes = "spark", True, True, False, True

    def __init__(self, folder):
        os.environ.setdefault("JAVA_HOME", "/usr/lib/jvm/java-17-openjdk-amd64")
        from pyspark.sql import SparkSession

        settings = {
            "spark.sql.session.timeZone": "UTC", "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2",
            "spark.sql.warehouse.dir": f"{folder}/spark", "spark.driver.memory": "2g",
            "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder}/derby -Duser.timezone=UTC",
        }
        builder = SparkSession.builder.master("local[2]")
        for name, value in settings.items():
            builder = builder.config(name, value)
        os.chdir(folder)
        self.session = builder.getOrCreate()
        self.session.sparkContext.setLogLevel("ERROR")

    def run(self, statements):
        for statement in split(statements):
            self.session.sql(statement)

    def rows(self, sql, columns):
        # Times are written by the engine itself, in its session's zone.
        found = self.session.sql(f"SELECT to_json(struct(*), map('ignoreNullFields', 'false')) AS row FROM ({sql})")
        return [[self.value(*pair) for pair in zip(json.loads(one.row).values(), columns)] for one in found.collect()]

    def value(self, value, column):
        if column["kind"] == "time" and value is not None:
            return value.replace("Z", "").replace("+00:00", "")[:23].ljust(23, "0")
        if column["kind"] == "number" and value is not None:
            return reference.plain(str(value))
        return common(value, column)

    def quoted(self, name):
        return "`" + name.replace("`", "``") + "`"

    def close(self):
        self.session.stop()


class Postgres:
    """A server of its own in a folder of its own, reached through a socket there."""

    name, has_outside, has_null_lists, has_wide_numbers, has_zero_bytes = "postgres", False, True, True, False

    def __init__(self, folder):
        self.folder = f"{folder}/postgres"
        programs = sorted(os.listdir("/usr/lib/postgresql"), key=int)[-1]
        self.programs = f"/usr/lib/postgresql/{programs}/bin"
        os.makedirs(self.folder)
        # The server refuses to run as root.
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            shutil.chown(self.folder, self.user)
            # The way to it must be open as well.
            os.chmod(folder, 0o755)
        data = f"{self.folder}/data"
        self.as_user(f"{self.programs}/initdb", "-D", data, "-A", "trust", "-U", "loader", "-E", "UTF8", "--locale=C")
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c timezone=UTC"
        self.as_user(f"{self.programs}/pg_ctl", "-D", data, "-w", "-l", f"{self.folder}/log", "-o", options, "start")
        self.url = f"postgresql:///postgres?host={self.folder}&user=loader"

    def as_user(self, *words):
        switch = ["runuser", "-u", self.user, "--"] if os.geteuid() == 0 else []
        done = subprocess.run([*switch, *words], capture_output=True, text=True, cwd="/")
        if done.returncode:
            raise SystemExit(f"{words[0]}: {done.stderr}{done.stdout}")

    def psql(self, text):
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", self.url]
        done = subprocess.run(command, input=text.encode(), capture_output=True)
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        return done.stdout.decode()

    def run(self, statements):
        self.psql(statements)

    def rows(self, sql, columns):
        written = self.psql(f"SELECT to_json(array_agg(x)) FROM (SELECT row_to_json(t) AS x FROM ({sql}) AS t) AS u;")
        found = reference.record(written.strip() or "null") or []
        return [[self.value(*pair) for pair in zip(one.values(), columns)] for one in found]

    def value(self, value, column):
        kind = column["kind"]
        if value is None:
            return None
        if kind == "integer":
            return int(value)
        if kind == "ids":
            return [int(one) for one in value]
        if kind == "number":
            return reference.number(value)
        if kind == "time":
            return datetime.datetime.fromisoformat(value).replace(tzinfo=None).isoformat(timespec="milliseconds")
        return common(value, column)

    def quoted(self, name):
        return '"' + name.replace('"', '""') + '"'

    def target(self):
        return f"postgres:{self.url}"

    def pause(self):
        pass

    def resume(self):
        pass

    def close(self):
        self.as_user(f"{self.programs}/pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")


def split(statements):
    """Statements end with a semicolon at the end of a line; within a literal our lines never end so."""
    return [one for one in statements.split(";\n") if one.strip()]


ALL = {engine.name: engine for engine in (DuckDB, Postgres, ClickHouse, Spark)}
