"""A lake to test warehouses with: every stream of a simulated company, histories too, three nights with edits and
deletes between them, and custom fields whose names were chosen to break SQL."""

import contextlib
import datetime
import gzip
import json
import os
import re
import shutil
import sqlite3
import subprocess
import urllib.request

ACCOUNT = "acme"
HISTORIES = (
    "deal_changelog", "person_changelog", "organization_changelog", "project_changelog", "deal_flow", "mail_messages")
JOB = """account: {account}
api:
  base_url: {url}
  token: {{env: PIPESNAP_WAREHOUSE_TOKEN}}
budget:
  daily_tokens: 900000
streams: [{streams}]
output:
  directory: ../output
  roll_at: 64kB
"""
TOKEN = "warehouse"
DAY_SECONDS = 86_400
# When the first run begins: a day has room for two, whatever the time of day is here.
FIRST_HOUR = 2
PATIENCE_SECONDS = 60
# What pipesnap puts in front of the API's own members; `export` leaves it out, but for `_parent`.
OWN = re.compile(r'\{"_op":"[a-z]+","_seq":[0-9]+,"_run":"[^"]+","_fetched_at":"[^"]+"(,"_reason":"[a-z]+")?,')


class Lake:
    """Nights of pipesnap in `folder`; `pipesnap(...)` asks the program about them."""

    def __init__(self, binaries, folder, deals=150, nights=3):
        self.program = f"{binaries}/pipesnap"
        self.simulator_program = f"{binaries}/pipesnap-simulator"
        self.folder, self.deals = folder, deals
        self.job, self.output = f"{folder}/jobs/{ACCOUNT}.yaml", f"{folder}/output"
        self.seconds = 0
        self.environment = {**os.environ, "PIPESNAP_WAREHOUSE_TOKEN": TOKEN, "TZ": "UTC"}
        self.nights = 0
        self._start()
        try:
            now = datetime.datetime.now(datetime.timezone.utc)
            self.advance((FIRST_HOUR * 3600 - now.hour * 3600 - now.minute * 60) % DAY_SECONDS)
            for _ in range(nights):
                self.night()
        except BaseException:
            self.stop()
            raise

    def _start(self):
        command = [
            self.simulator_program, "--port", "0", "--deals", str(self.deals), "--seed", "7", "--token", TOKEN,
            "--daily-budget", "1000000", "--burst", "1000", "--cluster", "50", "--hostile-names",
        ]
        self.simulator = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = self.simulator.stdout.readline().strip()
        if not self.url.startswith("http://"):
            raise SystemExit("the simulator did not start")
        os.makedirs(os.path.dirname(self.job))
        with open(self.job, "w") as file:
            file.write(JOB.format(account=ACCOUNT, url=self.url, streams=", ".join(("all", *HISTORIES))))

    def stop(self):
        self.simulator.terminate()
        self.simulator.wait()

    def stranger(self, account):
        """The job of a lake that has nothing to do with this one, pulled once."""
        folder = f"{self.folder}/stranger-{account}"
        job = f"{folder}/jobs/{account}.yaml"
        os.makedirs(os.path.dirname(job), exist_ok=True)
        with open(job, "w") as file:
            file.write(JOB.format(account=account, url=self.url, streams="stages"))
        self.pipesnap("run", job)
        return job

    def advance(self, seconds):
        """Moves both clocks."""
        request = urllib.request.Request(f"{self.url}/simulator/advance?seconds={seconds}", method="POST")
        urllib.request.urlopen(request, timeout=PATIENCE_SECONDS).read()
        self.seconds += seconds

    def night(self, hours=24):
        """One run; the next one comes so many hours later."""
        self.pipesnap("run", self.job)
        self.nights += 1
        self.advance(hours * 3600)

    def pipesnap(self, *words, codes=(0,), environment=None):
        """What the program writes to stdout."""
        command = [self.program, *words]
        if self.seconds:
            command = [shutil.which("faketime"), "-f", f"+{self.seconds}", *command]
        env = {**self.environment, "FAKETIME_DONT_FAKE_MONOTONIC": "1", **(environment or {})}
        done = subprocess.run(command, env=env, capture_output=True)
        if done.returncode not in codes:
            raise SystemExit(f"{' '.join(words)}: exit code {done.returncode}\n{done.stderr.decode()}")
        return done.stdout

    def document(self, *words):
        return json.loads(self.pipesnap(*words, "--json"))

    def index(self, sql):
        """Rows of the index's public views."""
        address = f"file:{self.output}/index/{ACCOUNT}.sqlite?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True)) as index:
            return index.execute(sql).fetchall()

    def lines(self):
        """Every line of the snapshot files by its `_seq`; none may stand twice."""
        found, files = {}, self.document("files", self.job)["files"]
        for one in files:
            with gzip.open(f"{self.output}/{one['path']}", "rt", encoding="utf-8", newline="\n") as file:
                for line in file.read().split("\n")[:-1]:
                    seq = int(re.search(r'"_seq":([0-9]+)', line).group(1))
                    if seq in found:
                        raise SystemExit(f"line {seq} stands twice")
                    found[seq] = line
        return found


def bare(line):
    """A line as `export` writes it."""
    return "{" + line[OWN.match(line).end():]
