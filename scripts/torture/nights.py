"""The lakes that are damaged: what some nights, a killed run, a killed `verify --refetch`, a mended loss and a killed
`compact` leave, each with the same company behind it, in which nothing changes any more. Standard library only."""

import datetime
import glob
import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import lake
import tracer

# A lake that is not at rest by then never will be.
MOST_RUNS = 20
CONSENT = "--accept-deletions"
DAY_SECONDS = 86_400
STREAMS = "streams: [deals, persons, products, leads, notes, users, deal_products]"
# Every night compares all keys, so that what was lost of a sweep's tombstones comes again.
SWEEP_SECONDS = 1
WINDOW = f"window: {{overlap: 0s, lag: 0s, sweep: {SWEEP_SECONDS}s}}"
CLIENT_ID, CLIENT_SECRET, CALLBACK = "torture-client", "torture-client-secret-0123456789", "http://127.0.0.1:1/back"
FAKETIME = "/usr/lib/*/faketime/libfaketime.so.1"
# No step has more renames than this before it is reached.
MOST_RENAMES = 100


class Nights:
    """The company, and the lakes below `folder`, each a folder with a job file and an `out`."""

    def __init__(self, folder, programs):
        self.folder, self.program = folder, f"{programs}/pipesnap"
        os.environ.update(TORTURE_CLIENT_ID=CLIENT_ID, TORTURE_CLIENT_SECRET=CLIENT_SECRET)
        began = time.gmtime(time.time() - 3 * DAY_SECONDS)
        self.simulator = lake.Simulator(
            programs, "--deals", "250", "--start", time.strftime("%Y-%m-%dT%H:%M:%SZ", began), "--client-id", CLIENT_ID,
            "--client-secret", CLIENT_SECRET, "--callback", CALLBACK)
        # Without the library that shifts clocks no day is over, and no file can be merged.
        self.faketime = next(iter(glob.glob(FAKETIME)), None)
        self.left_out = []

    def close(self):
        self.simulator.close()

    # The program.

    def start(self, place, *arguments, day=0):
        environment = dict(os.environ)
        if day and self.faketime:
            environment.update(LD_PRELOAD=self.faketime, FAKETIME=f"-{day}d", FAKETIME_DONT_FAKE_MONOTONIC="1")
        return subprocess.Popen([self.program, arguments[0], f"{place}/job.yaml", *arguments[1:]], env=environment,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def call(self, place, *arguments, day=0):
        """How it ended, None when it hangs, and what it said. Who ran it heeds what it says of a held sweep: some
        streams are so small that what a night deleted, or what a damage lost of it, is more than a tenth."""
        code, text = self.call_once(place, *arguments, day=day)
        # No other command takes the flag, and another may speak of it.
        if arguments[0] == "run" and CONSENT in text:
            return self.call_once(place, *arguments, CONSENT, day=day)
        return code, text

    def call_once(self, place, *arguments, day=0):
        process = self.start(place, *arguments, day=day)
        try:
            text = process.communicate(timeout=lake.PATIENCE_SECONDS)[0]
            return process.returncode, text
        except subprocess.TimeoutExpired:
            process.kill()
            return None, process.communicate()[0]

    def must(self, place, *arguments, day=0):
        code, text = self.call(place, *arguments, day=day)
        if code != 0:
            raise SystemExit(f"damage: the lake cannot be made: {arguments} ended with {code}: {text}")

    def settle(self, place):
        """Runs until every sweep has seen the company at rest: one of leads that is held takes some runs."""
        for _ in range(MOST_RUNS):
            self.must(place, "run")
            status = json.loads(self.call(place, "status", "--json")[1])
            if all(self.is_over(sweep) for sweep in status["sweeps"]):
                return
            time.sleep(SWEEP_SECONDS + 0.1)
        raise SystemExit(f"damage: the sweeps are never over: {status['sweeps']}")

    def is_over(self, sweep):
        if sweep["state"] not in ("done", "due"):
            return False
        began = datetime.datetime.fromisoformat(sweep["began_at"].replace("Z", "+00:00"))
        return began.timestamp() > self.rests_since

    def kill(self, place, reached, call, *arguments):
        """Kills it at the first of its calls of that kind at which `reached` holds; False where nobody may trace."""
        saved = f"{place}.saved"
        shutil.copytree(place, saved, symlinks=True)
        try:
            for number in range(1, MOST_RENAMES):
                trace = tracer.Tracer([self.program, arguments[0], f"{place}/job.yaml", *arguments[1:]],
                                      f"{place}/out", "SIGKILL", call, number)
                code = trace.run(lake.PATIENCE_SECONDS)
                if code != -9:
                    break
                if reached():
                    return True
                shutil.rmtree(place)
                shutil.copytree(saved, place, symlinks=True)
        except tracer.NotPermitted as reason:
            self.left_out.append(f"{os.path.basename(place)} ({reason})")
            return False
        finally:
            shutil.rmtree(saved)
        raise SystemExit(f"damage: {arguments} is never killed where it should be")

    # The lakes.

    def copy(self, name, target):
        place = f"{self.folder}/{target}"
        shutil.copytree(f"{self.folder}/{name}", place, symlinks=True)
        return place

    def write_job(self, place, access=None):
        with open(f"{place}/job.yaml", "w") as job:
            job.write(self.simulator.job(f"{WINDOW}\n{STREAMS}", access))

    def stir(self, count):
        self.simulator.lever(f"changes-per-request?count={count}")
        # Update times have no fraction: what changed within this second is seen by the night after.
        time.sleep(1.1)

    def make(self):
        """The names of the lakes."""
        place = f"{self.folder}/nights"
        os.makedirs(place)
        self.write_job(place)
        self.make_nights(place)
        names = ["nights"]
        self.simulator.lever(f"advance?seconds={round(time.time() - self.server_now())}")
        self.stir(2)
        killed = self.copy("nights", "killed")
        self.must(place, "run")
        if self.kill(killed, lambda: self.is_filled(killed), "fdatasync", "run"):
            names.append("killed")
        self.stir(0)
        self.rests_since = time.time()
        self.settle(place)
        names += self.make_others()
        return names

    def make_nights(self, place):
        """Two days, of which one is merged; merged again, the other one will be."""
        year = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 300 * DAY_SECONDS))
        self.must(place, "run", "--until", year, day=3)
        self.must(place, "run", day=3)
        self.simulator.lever(f"advance?seconds={DAY_SECONDS}")
        if self.faketime:
            self.must(place, "compact", "--by", "day", day=2)
        for _ in range(2):
            self.stir(2)
            self.must(place, "run", day=2)

    def server_now(self):
        with urllib.request.urlopen(f"{self.simulator.url}/simulator/clock") as answer:
            return json.load(answer)["milliseconds"] / 1000

    def is_filled(self, place):
        """Something is committed of an unfinished file, and the log has it."""
        sizes = [os.path.getsize(path) for path in glob.glob(f"{place}/out/staging/torture/*.gz")]
        log = f"{place}/out/index/torture.sqlite-wal"
        return len(sizes) > 2 and os.path.exists(log) and os.path.getsize(log) > 50_000

    def make_others(self):
        """From the nights that are over."""
        names = []
        mending, lost = self.copy("nights", "mending"), self.copy("nights", "lost")
        for place in (mending, lost):
            spoiled = sorted(glob.glob(f"{place}/out/snapshots/*/stream=deals/*/*"))[-1]
            with open(spoiled, "r+b") as file:
                file.seek(40)
                file.write(b"\xff\x00\xff\x00")
        plan = f"{mending}/out/damaged/account=torture/mending.json"
        if self.kill(mending, lambda: os.path.exists(plan), "rename", "verify", "--refetch"):
            names.append("mending")
        self.must(lost, "verify", "--refetch")
        self.must(lost, "run")
        names.append("lost")
        if self.faketime:
            exchange = self.copy("nights", "exchange")
            plan = f"{exchange}/out/staging/torture/exchange.json"
            if self.kill(exchange, lambda: os.path.exists(plan), "rename", "compact", "--by", "day"):
                names.append("exchange")
        else:
            self.left_out.append("merged files (faketime is not installed)")
        return names

    # Logins.

    def log_in(self, place):
        """A code from the page on which a person allows the app, and the login with it."""
        query = urllib.parse.urlencode({"client_id": CLIENT_ID, "redirect_uri": CALLBACK, "state": "by-hand"})
        opener = urllib.request.build_opener(NoRedirect)
        try:
            opener.open(f"{self.simulator.url}/oauth/authorize?{query}")
        except urllib.error.HTTPError as answer:
            return self.call(place, "login", "--code", answer.headers["location"])
        raise SystemExit("damage: the OAuth server does not lead back")

    def oauth(self):
        return (f"oauth: {{client_id: {{env: TORTURE_CLIENT_ID}}, client_secret: {{env: TORTURE_CLIENT_SECRET}}, "
                f"refresh_token_file: refresh, server: \"{self.simulator.url}\", redirect: \"{CALLBACK}\"}}")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
