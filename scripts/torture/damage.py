#!/usr/bin/env python3
"""Damages every kind of file that the real program keeps, in every kind of way, and looks whether `verify` finds it and
whether what the program advises makes it good: every record as the company has it, no line lost but those that lay in
the damaged file and that nobody has any more, none twice, the views as of an undisturbed account, `verify` content.

usage: damage.py [short|full]      short: a sample within a minute; full: each kind of damage to each kind of file
PIPESNAP_BIN names the folder of the two programs, PIPESNAP_SEED repeats a sample. Standard library only.
"""

import collections
import glob
import os
import random
import re
import shutil
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import access
import healing
import lake
import proof
import spoil
from nights import Nights

SHORT_SECONDS = 12
# How often a byte is turned in each section of a file; of everything else once.
FLIPS = {"short": 1, "full": 4}
# The kind of file: the lake in which it is, where it lies below `out`, how many of them are damaged in turn.
FILES = {
    "snapshot": ("nights", "snapshots/*/*/*/*-0001.ndjson.gz", 3),
    # No run has filled more than one file of a stream; a second one was made by `compact`.
    "merged snapshot": ("nights", "snapshots/*/*/*/*-0002.ndjson.gz", 1),
    "manifest": ("nights", "manifests/*/*.json", 2),
    "index": ("nights", "index/torture.sqlite", 1),
    "lock": ("nights", "index/torture.lock", 1),
    "unfinished file": ("killed", "staging/torture/*.gz", 2),
    "index of a killed run": ("killed", "index/torture.sqlite", 1),
    "-wal": ("killed", "index/torture.sqlite-wal", 1),
    "-shm": ("killed", "index/torture.sqlite-shm", 1),
    "plan of a mending": ("mending", "damaged/*/mending.json", 1),
    "what was lost": ("lost", "damaged/*/*.lost.json", 1),
    "plan of an exchange": ("exchange", "staging/torture/exchange.json", 1),
    "draft of an exchange": ("exchange", "staging/torture/*.gz", 1),
}
UNPRIVILEGED = 65534

Case = collections.namedtuple("Case", "kind lake path other damage act")


class Row:
    """The figures of one kind of damage to one kind of file."""

    def __init__(self):
        self.tried = self.found = self.harmless = self.missed = self.healed = 0

    @property
    def figures(self):
        return [self.tried, self.found, self.harmless, self.missed, self.healed]


class Damage:
    def __init__(self, nights, names, seed, how):
        self.nights, self.seed, self.how = nights, seed, how
        self.dice = random.Random(seed)
        self.rows, self.violations = {}, 0
        self.undisturbed = {name: healing.Undisturbed(nights, name) for name in names}

    def cases(self):
        """In turns by the kind of file, so that a sample has some of each."""
        by_kind = [self.cases_of(kind) for kind, (name, _, _) in FILES.items() if name in self.undisturbed]
        for cases in by_kind:
            self.dice.shuffle(cases)
        while any(by_kind):
            for cases in by_kind:
                if cases:
                    yield cases.pop()

    def cases_of(self, kind):
        name, pattern, most = FILES[kind]
        root = f"{self.nights.folder}/{name}/out"
        paths = sorted(glob.glob(f"{root}/{pattern}"))
        cases = []
        for path in self.dice.sample(paths, min(most, len(paths))):
            others = [place for place in paths if place != path]
            other = self.dice.choice(others) if others else f"{self.nights.folder}/{name}/job.yaml"
            with open(path, "rb") as file:
                found = spoil.sections("index" if kind in proof.INDEX_KINDS - {"-wal", "-shm"} else kind, file.read())
            ways = [(f"a byte of {section}", spoil.flip(self.dice.choice(places)))
                    for section, places in found.items() for _ in range(FLIPS[self.how])]
            for damage, act in [*ways, *spoil.WHOLE.items()]:
                cases.append(Case(kind, name, os.path.relpath(path, root), other, damage, act))
        return cases

    @staticmethod
    def case(kind, lake_name, path, damage):
        return Case(kind, lake_name, path, None, damage, None)

    # One case.

    def judge(self, case, worker, dice):
        """Found, harmless, and what is wrong, if anything is."""
        place = self.nights.copy(case.lake, f"case-{worker}")
        try:
            path = f"{place}/out/{case.path}"
            case.act(path, dice, case.other)
            is_harmless = proof.is_harmless(case, self.nights.folder, place, path)
            code, text = self.nights.call(place, "verify")
            # An exchange that was killed is ended before anything is verified.
            words = text if code != 11 else self.nights.call(place, "run")[1]
            is_found = code not in (0, None) and self.name(path) in words
            wrong = None if is_found or is_harmless else f"verify ended with {code}: {text}"
            steps, fault = self.undisturbed[case.lake].heal(place, path, code, text)
            return is_found, is_harmless, wrong, fault and f"{fault}; after {steps}"
        finally:
            healing.remove(place)

    @staticmethod
    def name(path):
        """As reports name the file, or what it belongs to."""
        name = os.path.basename(path)
        return re.sub("-shm$|-wal$|[.]json$", "", name)

    # All of them.

    def run(self, deadline):
        cases = list(enumerate(self.cases()))[::-1]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for future in [pool.submit(self.work, cases, worker, deadline) for worker in range(os.cpu_count())]:
                future.result()

    def work(self, cases, worker, deadline):
        """One of several: takes the next case until there is none."""
        while cases and time.monotonic() < deadline:
            number, case = cases.pop()
            # Of its own: what another worker draws meanwhile does not count.
            dice = random.Random(f"{self.seed} {number}")
            self.note(case, *self.judge(case, worker, dice))

    def note(self, case, is_found, is_harmless, wrong, fault):
        row = self.rows.setdefault((case.kind, case.damage), Row())
        row.tried += 1
        row.found += is_found
        row.harmless += is_harmless and not is_found
        row.missed += wrong is not None
        row.healed += fault is None
        for what in filter(None, [wrong, fault]):
            self.violations += 1
            print(f"VIOLATION of {case.kind}, {case.damage} ({case.lake}/{case.path}): {what.strip()}", flush=True)


def unprivileged(folder, programs):
    """Root may read everything: as somebody else, with the programs where that one can reach them."""
    for name in ("pipesnap", "pipesnap-simulator"):
        os.chown(shutil.copy(f"{programs}/{name}", folder), UNPRIVILEGED, UNPRIVILEGED)
    os.chown(folder, UNPRIVILEGED, UNPRIVILEGED)
    # Python's own files may lie where that one cannot reach them; this one is read when a host is first named.
    "localhost".encode("idna")
    os.setgroups([])
    os.setgid(UNPRIVILEGED)
    os.setuid(UNPRIVILEGED)


def main():
    how, seed, dice, folder = lake.arguments(__doc__)
    programs = lake.programs()
    try:
        if os.getuid() != 0:
            return torture(folder, programs, how, seed, dice)
        child = os.fork()
        if child:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        code = 1
        try:
            unprivileged(folder, programs)
            code = torture(folder, folder, how, seed, dice)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)
    finally:
        healing.remove(folder)


def torture(folder, programs, how, seed, dice):
    began = time.monotonic()
    nights = Nights(folder, programs)
    try:
        damage = Damage(nights, nights.make(), seed, how)
        for left in nights.left_out:
            print(f"damage: left out: {left}")
        access.judge(nights, damage, dice, how)
        made = time.monotonic() - began
        damage.run(time.monotonic() + SHORT_SECONDS if how == "short" else float("inf"))
        heads = ["kind of file", "damage", "tried", "found", "harmless", "missed", "healed"]
        rows = sorted(damage.rows.items())
        sums = [sum(figures) for figures in zip(*(row.figures for _, row in rows))]
        lake.show_table([heads, *([*names, *row.figures] for names, row in rows), ["all", "", *sums]], 2)
        print(f"{sums[0]} damages: {sums[1]} found, {sums[2]} harmless (nothing that is read had changed), {sums[3]} "
              f"missed; {sums[4]} healed; the lakes were made in {made:.0f} s, {time.monotonic() - began:.0f} s in "
              f"all; seed {seed}")
        return 1 if damage.violations or not sums[0] or sums[4] != sums[0] else 0
    finally:
        nights.close()


if __name__ == "__main__":
    sys.exit(main())
