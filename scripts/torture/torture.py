#!/usr/bin/env python3
"""Breaks the real program at its system calls, the n-th of each kind, and kills it at random instants; then runs it
again and compares with a run that nobody disturbed: no line lost, none written twice, every object byte for byte,
every view of the index the same, `verify` content, no more fetched again than was in flight, and recovery in a second.

usage: torture.py [short|full]      short: a sample within a minute, for CI; full: every call, and 1000 instants
PIPESNAP_BIN names the folder of the two programs, PIPESNAP_SEED repeats a sample. Standard library only.
"""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lake
import tracer
from lake import State

FAULTS = ["SIGKILL", "EIO", "ENOSPC"]
KINDS = [*tracer.CALLS, "sendto"]
# No run has more calls of one kind than this; a mistake of ours must not go on for ever.
MOST_CALLS = 3000
# The job's `concurrency`: so many pages can be in flight together, and so many a crash may cost.
IN_FLIGHT_PAGES = 4
# What a run may take of a processor to go on after a crash: the whole of it, other work on the machine left out.
RECOVERY_SECONDS = 1
INSTANTS = 1000
# What the contract allows a run that met an error: SQLite and the retries get over some of them.
ALLOWED = {"file": {0, 73, 74}, "network": {0, 3, 69}}


class Row:
    """The figures of one kind of fault."""

    def __init__(self):
        self.tried = self.hit = self.violations = self.lost = self.twice = 0
        self.tokens = self.pages = self.slowest = self.processor = 0

    def add(self, other):
        for name in ("tried", "hit", "violations", "lost", "twice", "tokens"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("pages", "slowest", "processor"):
            setattr(self, name, max(getattr(self, name), getattr(other, name)))


class Torture:
    def __init__(self, folder, programs):
        self.folder, self.out = folder, f"{folder}/out"
        self.program = f"{programs}/pipesnap"
        self.rows = {}
        self.simulator = lake.Simulator(programs, "--deals", "1500")
        with open(f"{folder}/job.yaml", "w") as job:
            job.write(self.simulator.job(f"""window: {{overlap: 0s, sweep: 0}}
streams: [deals, persons, products, leads, notes, users]
concurrency: {IN_FLIGHT_PAGES}"""))
        # All runs end their windows here, so that they can be compared.
        self.until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 600))
        began = time.monotonic()
        self.look()
        self.seconds = time.monotonic() - began
        # One point is a run that is broken, one that goes on, and a look at everything.
        self.call("verify", f"{folder}/job.yaml")
        self.point_seconds = time.monotonic() - began + self.seconds / 2

    def look(self):
        """What a run comes to that nobody disturbs."""
        self.clear()
        if self.call(*self.run_arguments) != 0:
            sys.exit("torture: the undisturbed run does not end well")
        self.undisturbed = State(self.out)

    @property
    def run_arguments(self):
        return ["run", f"{self.folder}/job.yaml", "--until", self.until]

    def call(self, *arguments):
        """Runs the program to its end. None when it hangs."""
        try:
            return subprocess.run([self.program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=lake.PATIENCE_SECONDS).returncode
        except subprocess.TimeoutExpired:
            return None

    def clear(self):
        shutil.rmtree(self.out, ignore_errors=True)

    def count_calls(self):
        self.clear()
        trace = tracer.Tracer([self.program, *self.run_arguments], self.out)
        trace.run(lake.PATIENCE_SECONDS)
        return trace.counts

    # What is done to it.

    def strike(self, call, fault, when):
        """Whether the call was reached at all."""
        self.clear()
        row = self.rows.setdefault((call, fault), Row())
        trace = tracer.Tracer([self.program, *self.run_arguments], self.out, fault, call, when)
        label = f"{fault} at {call} {when}"
        try:
            code = trace.run(lake.PATIENCE_SECONDS)
        except tracer.Hangs:
            code = None
        if trace.hit is None and code is not None:
            return False
        row.tried += 1
        row.hit += 1
        allowed = {-signal.SIGKILL} if fault == "SIGKILL" else ALLOWED["network" if call == "sendto" else "file"]
        label += f" ({trace.hit})"
        if code not in allowed:
            self.violation(row, label, "it hangs" if code is None else f"it ended with {code}")
        self.judge(row, label, 1)
        return True

    def kill_at_random(self, dice, number, seed):
        """Kills the run; every third time the one after it as well."""
        self.clear()
        row = self.rows.setdefault(("any instant", "SIGKILL"), Row())
        row.tried += 1
        crashes = 2 if number % 3 == 0 else 1
        for _ in range(crashes):
            victim = subprocess.Popen([self.program, *self.run_arguments], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL)
            time.sleep(dice.uniform(0, self.seconds))
            victim.kill()
            row.hit += victim.wait() == -signal.SIGKILL
        self.judge(row, f"instant {number} of seed {seed}", crashes)

    # What became of it.

    def violation(self, row, label, what):
        row.violations += 1
        print(f"VIOLATION after {label}: {what}", flush=True)

    def judge(self, row, label, crashes):
        """What a run without further flags makes of what was left behind."""
        began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        code = self.call(*self.run_arguments)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        row.slowest = max(row.slowest, time.monotonic() - began)
        row.processor = max(row.processor, processor)
        if processor > RECOVERY_SECONDS:
            self.violation(row, label, f"the next run took {processor:.1f} s of a processor")
        if code != 0:
            return self.violation(row, label, f"the next run ended with {code}")
        found = State(self.out)
        verified = self.call("verify", f"{self.folder}/job.yaml")
        if not found.shows(self.undisturbed):
            # The account's clock moves: a deal that was deleted thirty days ago is shown no longer.
            self.look()
        lost, twice = self.undisturbed.lines - found.lines, found.lines - self.undisturbed.lines
        row.lost += lost.total()
        row.twice += twice.total()
        if lost or twice:
            self.violation(row, label, f"{lost.total()} lines lost, {twice.total()} twice or of other bytes")
        for name, rows in self.undisturbed.views.items():
            if found.views[name] != rows:
                self.violation(row, label, f"the view {name} differs")
        for fault in found.faults:
            self.violation(row, label, fault)
        if verified != 0:
            self.violation(row, label, "verify finds damage")
        row.tokens += max(0, found.tokens - self.undisturbed.tokens)
        again = found.requests - self.undisturbed.requests
        # After two crashes, the half of it for each.
        row.pages = max(row.pages, -(-again // crashes))
        if not 0 <= again <= IN_FLIGHT_PAGES * crashes:
            self.violation(row, label, f"{again} pages fetched again")

    def table(self):
        heads = ["what", "with", "points", "crashes", "violations", "lost", "twice", "tokens again",
                 "pages at most", "slowest recovery"]
        whole, lines = Row(), [heads]
        for (call, fault), row in self.rows.items():
            whole.add(row)
            lines.append([call, fault, *self.figures(row)])
        lines.append(["all", "", *self.figures(whole)])
        lake.show_table(lines, 2)
        return whole

    @staticmethod
    def figures(row):
        mean = row.tokens / row.hit if row.hit else 0
        return [row.tried, row.hit, row.violations, row.lost, row.twice, f"{mean:.1f}", row.pages,
                f"{row.slowest * 1000:.0f} ms"]


def every_call(torture):
    counts = torture.count_calls()
    points = sum(counts.values()) * len(FAULTS)
    minutes = (points + INSTANTS) * torture.point_seconds / 60
    print(f"{points} calls and {INSTANTS} instants: about {minutes:.0f} minutes", flush=True)
    for call in KINDS:
        for fault in FAULTS:
            for when in range(1, MOST_CALLS):
                # The n-th call was not reached: no later one will be.
                if not torture.strike(call, fault, when):
                    break
            print(f"{call} {fault}: {torture.rows[call, fault].tried} points", flush=True)


def some_calls(torture, dice, deadline):
    """One of each kind, and again, until the time is up."""
    counts = torture.count_calls()
    pairs = [(call, fault) for call in KINDS for fault in FAULTS if counts[call]]
    while True:
        dice.shuffle(pairs)
        for call, fault in pairs:
            if time.monotonic() > deadline:
                return
            torture.strike(call, fault, dice.randint(1, counts[call]))


def main():
    how, seed, dice, folder = lake.arguments(__doc__)
    began = time.monotonic()
    torture = None
    try:
        torture = Torture(folder, lake.programs())
        try:
            if how == "full":
                every_call(torture)
            else:
                some_calls(torture, dice, began + 35)
        except tracer.NotPermitted as reason:
            print(f"torture: no system call is broken, only random instants are tried: {reason}")
        for number in range(1, INSTANTS + 1 if how == "full" else 41):
            if how == "short" and time.monotonic() - began > 50:
                break
            torture.kill_at_random(dice, number, seed)
        whole = torture.table()
        print(f"{whole.tried} crash points, {whole.violations} violations, {whole.lost} lines lost, {whole.twice} lines "
              f"twice; {whole.tokens / max(1, whole.hit):.1f} of {torture.undisturbed.tokens} tokens fetched again a crash, "
              f"at most {whole.pages} pages, with {IN_FLIGHT_PAGES} in flight; slowest recovery "
              f"{whole.slowest * 1000:.0f} ms, {whole.processor * 1000:.0f} ms of a processor")
        print(f"the run undisturbed: {torture.undisturbed.lines.total()} lines, {torture.seconds * 1000:.0f} ms; seed {seed}")
        return 1 if whole.violations or not whole.tried else 0
    finally:
        if torture:
            torture.simulator.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
