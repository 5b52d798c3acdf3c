"""Proves of a damage that nothing which anybody reads has changed. Standard library only."""

import json
import os
import shutil
import sqlite3
import time

INDEX_KINDS = {"index", "index of a killed run", "-wal", "-shm"}
# Beside these a stray file is none of ours, and nobody reads it.
QUIET_FOLDERS = ("staging", "index", "damaged")


def is_harmless(case, folder, place, path):
    """Proved: what anybody reads is as it was."""
    original = f"{folder}/{case.lake}/out"
    if case.damage == "a stray copy":
        return case.path.startswith(QUIET_FOLDERS)
    if case.kind == "lock":
        return True
    if case.kind in INDEX_KINDS:
        return content(original, folder) == content(f"{place}/out", folder) is not None
    if (case.kind.startswith("plan") or case.kind == "what was lost") and case.damage == "missing":
        # What a plan is for was killed before anything was moved: this is as if it had never been begun. And nobody
        # has to keep what was put aside.
        return True
    # Of an unfinished file this much counts.
    length = committed(f"{original}/index", folder, case.path) if case.kind == "unfinished file" else None
    if length == 0:
        return True
    if not is_readable(path):
        return False
    with open(path, "rb") as damaged, open(f"{original}/{case.path}", "rb") as whole:
        found, told = damaged.read(), whole.read()
    if length:
        return found[:length] == told[:length]
    if case.kind == "manifest":
        return meaning(found) == meaning(told)
    # An older pipesnap wrote no check behind what it says.
    return case.kind in ("plan of a mending", "what was lost", "plan of an exchange") and (
        found == told.split(b"\n")[0])


def content(out, folder):
    """From a copy: who opens an index changes what lies beside it."""
    copy = f"{folder}/copy-{time.monotonic_ns()}"
    shutil.copytree(f"{out}/index", f"{copy}/index", symlinks=True, ignore=lambda place, names: [
        name for name in names if not is_readable(f"{place}/{name}")])
    try:
        return rows(copy)
    finally:
        shutil.rmtree(copy)


def committed(index, folder, path):
    stream, run, number = os.path.basename(path).split(".")[0].rsplit("-", 2)
    copy = f"{folder}/copy-{time.monotonic_ns()}"
    shutil.copytree(index, copy)
    database = sqlite3.connect(f"{copy}/torture.sqlite")
    try:
        found = database.execute("SELECT bytes FROM file_log WHERE path LIKE ?",
                                 [f"%/stream={stream}/%/{run}-{number}.ndjson.gz"]).fetchone()
        return found[0] if found else 0
    finally:
        database.close()
        shutil.rmtree(copy)


def is_readable(path):
    return os.path.isfile(path) and os.access(path, os.R_OK)


def meaning(data):
    """None for what is no JSON; white space between its members means nothing."""
    try:
        return json.loads(data)
    except ValueError:
        return None


def rows(out):
    """Everything that the index says, or nothing where it cannot be read or is not sound."""
    try:
        index = sqlite3.connect(f"file:{out}/index/torture.sqlite?mode=ro", uri=True)
        try:
            if index.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                return None
            tables = index.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall()
            return tables, {name: sorted(index.execute(f"SELECT * FROM {name}"), key=repr)
                            for kind, name, _ in tables if kind == "table"}
        finally:
            index.close()
    except sqlite3.Error:
        return None
