"""The benchmarks, one function each. Each yields rows: what, bound, figure, whether the bound is met (None where
there is none), and the parts of the figure."""

import json
import subprocess
import time

from harness import INSIDE, PROGRAM, Server, compiled, emptied, job, measure, median

MEGABYTE = 1e6


class Scale:
    """The sizes of the issue, or tiny ones that only show that everything works."""

    def __init__(self, rounds, is_smoke):
        self.rounds = 1 if is_smoke else rounds
        self.starts = 2 if is_smoke else 21
        self.small, self.large = (2_000, 4_000) if is_smoke else (100_000, 1_000_000)
        self.versions = (2_000, 10_000) if is_smoke else (100_000, 10_000_000)
        self.commits = 5 if is_smoke else 100
        self.rate_records = 2_500 if is_smoke else 100_000
        self.slice_rounds = 2 if is_smoke else 40


def row(what, bound, figure, met, parts=""):
    return {"what": what, "bound": bound, "figure": figure, "met": met, "parts": parts}


def at_most(what, value, limit, unit="", parts="", digits=2):
    return row(what, f"≤ {limit}{unit}", f"{value:.{digits}f}{unit}", value <= limit, parts)


def at_least(what, value, limit, unit="", parts="", digits=2):
    return row(what, f"≥ {limit}{unit}", f"{value:.{digits}f}{unit}", value >= limit, parts)


def pull(folder, port):
    """A first run of an account that is new."""
    emptied(folder)
    return measure([PROGRAM, "run", job(folder, port)])


def limit(work, scale):
    """A pull of everything against curl of the same pages in one connection into gzip -6, turn by turn."""
    ours, theirs = [], []
    with Server(scale.small) as server:
        addresses = work / "addresses"
        addresses.write_text("".join(
            f'url = "{server.page_address(cursor)}"\n' for cursor in range(scale.small, 0, -500)))
        for _ in range(scale.rounds):
            ours.append(pull(work / "limit", server.port))
            theirs.append(measure(["curl", "-s", "-K", addresses], ["gzip", "-6"], output=work / "curl.gz"))
    def parts(name):
        a, b = (median([getattr(one, name) for one in all]) for all in (ours, theirs))
        return f"{a:.2f} s and {b:.2f} s"
    for name, bound in (("wall", 0.75), ("processor", 1.25)):
        ratio = median([getattr(a, name) / getattr(b, name) for a, b in zip(ours, theirs)])
        yield at_most(f"{scale.small:,} deals against curl and gzip -6: {name} time", ratio, bound, "×", parts(name))


def rate(work, scale):
    """How much of the permitted rate is used when an answer takes 200 ms and 40 requests may be sent in 2 s."""
    shares, pages = [], 0
    for _ in range(scale.rounds):
        with Server(scale.rate_records, record_bytes=150, delay_ms=200, burst=40) as server:
            emptied(work / "rate")
            path = job(work / "rate", server.port, "deals, persons, organizations, activities, products", concurrency=8)
            measure([PROGRAM, "run", path])
            told = server.statistics()
            pages = told["requests"]
            shares.append((pages - told["refused"] - 1) / (told["first_to_last_ms"] / 1000) / 20)
    yield at_least(f"{pages:,} pages at 200 ms: share of the permitted rate", 100 * median(shares), 95, " %",
                   f"{told['refused']} refused in the last run", digits=1)


def memory(work, scale):
    """The peak of resident memory, the program's own pages included."""
    peaks = {}
    for records in (scale.small, scale.large):
        with Server(records) as server:
            peaks[records] = median([pull(work / "memory", server.port).peak_bytes for _ in range(scale.rounds)])
            if records == scale.small:
                idle = median([measure([PROGRAM, "run", work / "memory/job.yaml"]).peak_bytes
                               for _ in range(scale.rounds)])
    yield at_most("peak of an idle night", idle / MEGABYTE, 36, " MB", digits=1)
    for records, peak in peaks.items():
        yield at_most(f"peak of {records:,} records", peak / MEGABYTE, 56, " MB", digits=1)
    growth = 100 * abs(peaks[scale.large] / peaks[scale.small] - 1)
    yield at_most("difference between the two", growth, 10, " %", digits=1)


def wall_ms(command, times):
    return 1000 * median([measure(command).wall for _ in range(times)])


def growth(work, scale):
    """Two accounts made by a generator, through the store itself: their size, and what is done with them."""
    folders = {versions: work / f"growth-{versions}" for versions in scale.versions}
    small, large = scale.versions
    for versions, folder in folders.items():
        emptied(folder)
        measure([INSIDE, "grow", "--output", folder / "output", "--versions", versions])
    size = (folders[large] / "output/index/bench.sqlite").stat().st_size
    yield at_most(f"index of {large:,} versions", size / large, 60, " B a version", f"{size / MEGABYTE:.0f} MB", 1)

    with Server(0) as server:
        jobs = {versions: job(folder, server.port, "core") for versions, folder in folders.items()}
        for versions in scale.versions:
            measure([PROGRAM, "run", jobs[versions]])
        nights = {versions: [] for versions in scale.versions}
        for _ in range(scale.starts):
            for versions in scale.versions:
                nights[versions].append(measure([PROGRAM, "run", jobs[versions]]).processor)
    idle = {versions: 1000 * median(times) for versions, times in nights.items()}
    yield at_most("an idle night's processor time, large against small", idle[large] / idle[small], 1.1, "×",
                  f"{idle[large]:.1f} ms and {idle[small]:.1f} ms")

    path = jobs[large]
    record = large // 4
    for what, words, bound in (("show", [path, "deals", record], 20), ("status", [path], 30), ("plan", [path], 200)):
        yield at_most(f"{what} with {large:,} versions", wall_ms([PROGRAM, what, *words], scale.starts), bound, " ms",
                      digits=1)

    patterns = (("created", "new records"), ("week", "one week's records"), ("weeks", "another week's records each"),
                ("anywhere", "records from anywhere"))
    for turns, (where, what) in enumerate(patterns):
        told = {versions: [] for versions in scale.versions}
        for turn in range(scale.rounds):
            for versions, folder in folders.items():
                words = ["--output", folder / "output", "--records", versions // 2, "--pages", scale.commits,
                         "--round", 2 + turn + turns * scale.rounds, "--from", where]
                output = measure([INSIDE, "commit", *words]).output
                told[versions].append(json.loads(output)["commit_mean_ms"])
                time.sleep(1)  # a run is named by its second
        a, b = (median(told[versions]) for versions in (large, small))
        yield at_most(f"commit of a page of {what}, large against small", a / b, 1.3, "×",
                      f"{a:.2f} ms and {b:.2f} ms")


def slicing(work, scale):
    """The slicer and simdjson on the same pages, turn by turn, in processor time."""
    reference = compiled("reference.cpp", "-lsimdjson")
    pages = []
    with Server(20 * 500) as server:
        for page in range(20):
            pages.append(work / f"page-{page}.json")
            measure(["curl", "-s", server.page_address(20 * 500 - page * 500)], output=pages[-1])
    speeds = {"ours": [], "simdjson": []}
    for _ in range(scale.rounds):
        for name, command in (("ours", [INSIDE, "slice", "--rounds", scale.slice_rounds]),
                              ("simdjson", [reference, scale.slice_rounds])):
            told = json.loads(measure([*command, *pages]).output)
            assert told["records"] == 20 * 500 * scale.slice_rounds, told
            speeds[name].append(told["bytes"] / told["seconds"] / 1e9)
    ours, theirs = median(speeds["ours"]), median(speeds["simdjson"])
    yield at_least("slicing, validated, one core", ours, 1.5, " GB/s", f"simdjson {theirs:.2f} GB/s")


def start(work, scale):
    """The time of `--help`, and the size of what a host gets."""
    yield at_most("pipesnap --help", wall_ms([PROGRAM, "--help"], scale.starts), 15, " ms", digits=1)
    stripped = work / "stripped"
    subprocess.run(["strip", "-o", stripped, PROGRAM], check=True)
    yield at_most("stripped program", stripped.stat().st_size / MEGABYTE, 40, " MB", digits=1)


def export(work, scale):
    """The current state of a stream against zcat and a line filter in C over the same files, turn by turn."""
    keep = compiled("keep.c")
    with Server(scale.large) as server:
        pull(work / "export", server.port)
    path = work / "export/job.yaml"
    files = sorted((work / "export/output/snapshots").rglob("*.gz"))
    ours, theirs = [], []
    for _ in range(scale.rounds):
        ours.append(measure([PROGRAM, "export", path, "--stream", "deals"], output="/dev/null"))
        theirs.append(measure(["zcat", *files], [keep], output="/dev/null"))
    def checksum(*commands):
        return measure(*commands, ["sha256sum"]).output
    assert checksum([PROGRAM, "export", path, "--stream", "deals"]) == checksum(["zcat", *files], [keep])
    def parts(name):
        a, b = (median([getattr(one, name) for one in all]) for all in (ours, theirs))
        return f"{a:.2f} s and {b:.2f} s"
    what = f"export of {scale.large:,} records against zcat and a filter"
    for name in ("wall", "processor"):
        ratio = median([getattr(a, name) / getattr(b, name) for a, b in zip(ours, theirs)])
        yield at_most(f"{what}: {name} time", ratio, 1, "×", parts(name))
    yield at_most("peak of that export", median([one.peak_bytes for one in ours]) / MEGABYTE, 64, " MB", digits=1)


ALL = {"limit": limit, "rate": rate, "memory": memory, "growth": growth, "slicing": slicing, "start": start,
       "export": export}
