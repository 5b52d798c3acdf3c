"""What the tortures share: a simulated company on a socket, what a reader finds in an output folder, a table on the
screen. Standard library only."""

import collections
import glob
import gzip
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request

OWN_FIELDS = re.compile(rb'^{"_op":"(upsert|delete)","_seq":(\d+),"_run":"\w+","_fetched_at":"[^"]+",')
TOKEN_NAME = "PIPESNAP_TORTURE_TOKEN"
# A run that takes longer than this hangs. In the last 90 seconds of a budget day it waits for the next one.
PATIENCE_SECONDS = 150


class Simulator:
    """A company with room for every request. Its token is in the environment for all programs that are started."""

    def __init__(self, programs, *options):
        self.token = os.environ[TOKEN_NAME] = f"torture-{os.getpid()}"
        self.process = subprocess.Popen(
            [f"{programs}/pipesnap-simulator", "--port", "0", "--seed", "7", "--life", "off", "--burst", "1000000",
             "--daily-budget", "1000000000", "--token", self.token, *options], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def lever(self, name):
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/simulator/{name}", method="POST")).read()

    def job(self, more, access=None):
        """The text of a job file."""
        token = access or f"token: {{env: {TOKEN_NAME}}}"
        return f"""account: torture
api: {{base_url: "{self.url}", {token}}}
budget: {{daily_tokens: 900000000}}
output: {{directory: out, roll_at: 64kB}}
{more}
"""

    def close(self):
        self.process.terminate()
        self.process.wait()


class State:
    """What a reader finds in the output folder."""

    # What is listed as a whole is covered up to the moment of its listing.
    VIEWS = {
        "records": "SELECT stream, id, op, update_time FROM records",
        "versions": "SELECT stream, id, op, update_time FROM versions",
        "coverage": "SELECT stream, since, CASE stream WHEN 'users' THEN '' ELSE until END FROM coverage",
    }

    def __init__(self, out, views=None):
        self.lines, self.faults, self.seqs = collections.Counter(), [], {}
        for path in glob.glob(f"{out}/snapshots/*/*/*/*"):
            for seq, line in lines(path):
                if seq is None:
                    self.faults.append(f"a line of {path} is not one of ours")
                    continue
                if seq in self.seqs:
                    self.faults.append(f"the _seq {seq} is there twice")
                self.seqs[seq] = line
                self.lines[line] += 1
        index = sqlite3.connect(f"file:{out}/index/torture.sqlite?mode=ro", uri=True)
        self.views = {name: sorted(index.execute(sql), key=repr) for name, sql in (views or self.VIEWS).items()}
        self.tokens, self.requests = index.execute(
            "SELECT coalesce(sum(tokens), 0), coalesce(sum(requests), 0) FROM token_spend").fetchone()
        if index.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            self.faults.append("the index is not WAL")
        index.close()
        if os.listdir(f"{out}/staging/torture"):
            self.faults.append("staging is not empty")

    def shows(self, other):
        return self.lines == other.lines and self.views == other.views

    def newest(self):
        """The newest line of each record, by stream and key."""
        found = {}
        for _, line in sorted(self.seqs.items()):
            found[key(line)] = line
        return found


def key(line):
    """The stream and the key of a record."""
    return line[0], json.loads(b"{" + line[2])["id"]


def lines(path):
    """Number and, without what is ours, stream, operation and bytes of each line; twice None for what is no line."""
    stream = path.split("stream=")[1].split("/")[0]
    with gzip.open(path) as file:
        for line in file:
            own = OWN_FIELDS.match(line)
            yield (int(own[2]), (stream, own[1], line[own.end() :])) if own else (None, None)


def programs():
    """The folder of the two programs."""
    return os.environ.get("PIPESNAP_BIN") or subprocess.check_output(
        ["swift", "build", "-c", "release", "--show-bin-path"], text=True).strip()


def arguments(usage):
    """How it is to be done, the seed, the dice that it makes, and a folder of one's own."""
    how = sys.argv[1] if len(sys.argv) > 1 else "short"
    if how not in ("short", "full") or len(sys.argv) > 2:
        print(usage, file=sys.stderr)
        sys.exit(64)
    seed = int(os.environ.get("PIPESNAP_SEED") or random.randrange(1 << 31))
    return how, seed, random.Random(seed), tempfile.mkdtemp(prefix="torture-")


def show_table(rows, texts):
    """The first row is the head; so many columns are texts, the others figures."""
    widths = [max(len(str(row[place])) for row in rows) for place in range(len(rows[0]))]
    print()
    for row in rows:
        print("  ".join(str(cell).ljust(width) if place < texts else str(cell).rjust(width)
                        for place, (cell, width) in enumerate(zip(row, widths))).rstrip())
