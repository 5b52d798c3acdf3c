#!/usr/bin/env python3
"""Runs the benchmarks and prints one table. `bench.py [--smoke] [--rounds N] [NAME…]`; see docs/BENCHMARKS.md."""

import argparse
import sys
import time

from benches import ALL, Scale
from harness import ROOT, emptied, machine


def told(row):
    met = {True: "yes", False: "**no**", None: ""}[row["met"]]
    return f"| {row['what']} | {row['bound']} | {row['figure']} | {met} | {row['parts']} |"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="NAME", help=" ".join(ALL))
    parser.add_argument("--rounds", type=int, default=5, help="runs of which the median is told")
    parser.add_argument("--smoke", action="store_true", help="tiny sizes: shows that everything works, and no more")
    options = parser.parse_args()
    unknown = set(options.names) - set(ALL)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    scale = Scale(options.rounds, options.smoke)
    print(f"{machine()}; medians of {scale.rounds}{', tiny sizes' if options.smoke else ''}\n")
    print("| what | bound | figure | met | parts |\n|---|---|--:|---|---|", flush=True)
    missed = 0
    for name in options.names or ALL:
        started = time.time()
        for row in ALL[name](emptied(ROOT / ".build/bench/work"), scale):
            missed += row["met"] is False
            print(told(row), flush=True)
        print(f"{name}: {time.time() - started:.0f} s", file=sys.stderr)
    emptied(ROOT / ".build/bench/work")
    if missed and not options.smoke:
        sys.exit(f"{missed} bounds are not met")


if __name__ == "__main__":
    main()
