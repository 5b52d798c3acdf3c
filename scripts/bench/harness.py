"""What every benchmark needs: running and measuring programs, the local server, job files, medians."""

import json
import os
import shutil
import signal
import statistics
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PROGRAM = ROOT / ".build/release/pipesnap"
INSIDE = ROOT / ".build/release/Bench"
TOKEN = "0123456789abcdef0123456789abcdef01234567"


class Measured:
    """One process or one pipe of processes, from the first start to the last end."""

    def __init__(self, wall, processor, peak_bytes, output):
        self.wall, self.processor, self.peak_bytes, self.output = wall, processor, peak_bytes, output


def measure(*commands, output=None, environment=None):
    """Runs the commands as a pipe; `output` is a file for the last one's lines, None to return them."""
    environment = dict(os.environ, PIPESNAP_BENCH_TOKEN=TOKEN, **(environment or {}))
    sink = open(output, "wb") if output else subprocess.PIPE
    started = time.perf_counter()
    processes, source = [], subprocess.DEVNULL
    for place, command in enumerate(commands):
        is_last = place == len(commands) - 1
        process = subprocess.Popen([str(word) for word in command], stdin=source,
                                   stdout=sink if is_last else subprocess.PIPE, env=environment)
        if place:
            source.close()
        source = process.stdout
        processes.append(process)
    lines = b"" if output else processes[-1].stdout.read()
    processor, peak_bytes = 0.0, 0
    for process, command in zip(processes, commands):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"bench: {' '.join(map(str, command))} ended with {process.returncode}")
        processor += usage.ru_utime + usage.ru_stime
        peak_bytes = max(peak_bytes, usage.ru_maxrss * 1024)
    wall = time.perf_counter() - started
    if output:
        sink.close()
    return Measured(wall, processor, peak_bytes, lines.decode(errors="replace"))


def compiled(source, *flags):
    """A helper program, built when its source is newer."""
    target = ROOT / ".build/bench" / Path(source).stem
    origin = HERE / source
    if not target.exists() or target.stat().st_mtime < origin.stat().st_mtime:
        target.parent.mkdir(parents=True, exist_ok=True)
        compiler = ["c++", "-std=c++17"] if source.endswith(".cpp") else ["cc"]
        subprocess.run([*compiler, "-O3", "-march=native", "-o", target, origin, *flags], check=True)
    return target


class Server:
    """The local server, for as long as a `with` lasts."""

    def __init__(self, records, **options):
        words = [word for name, value in options.items() for word in ("--" + name.replace("_", "-"), str(value))]
        self.command = [str(compiled("server.c", "-lpthread")), str(records), *words]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def statistics(self):
        return json.loads(measure(["curl", "-s", f"http://127.0.0.1:{self.port}/statistics"]).output)

    def page_address(self, cursor=None):
        query = "limit=500&sort_by=update_time&sort_direction=desc&updated_since=2015-01-01T00%3A00%3A00Z"
        return f"http://127.0.0.1:{self.port}/api/v2/deals?{query}" + (f"&cursor=k{cursor}" if cursor else "")


def job(folder, port, streams="deals", concurrency=4):
    """A job file in the folder; its output lies beside it. No key sweep: a benchmark shows what a pull costs."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "job.yaml"
    path.write_text(
        f"account: bench\napi: {{base_url: 'http://127.0.0.1:{port}', token: {{env: PIPESNAP_BENCH_TOKEN}}}}\n"
        f"budget: {{daily_tokens: 100000000}}\nwindow: {{start: 2015-01-01T00:00:00Z, sweep: 0s}}\n"
        f"streams: [{streams}]\nconcurrency: {concurrency}\noutput: {{directory: output}}\n")
    return path


def emptied(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def median(values):
    return statistics.median(values)


def machine():
    """What the figures hold for."""
    def first(path, key):
        return next((line.split(":", 1)[1].strip() for line in open(path) if line.startswith(key)), "?")

    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    changed = subprocess.run(["git", "-C", ROOT, "status", "--porcelain"], capture_output=True, text=True).stdout
    memory = int(first("/proc/meminfo", "MemTotal").split()[0]) / 1e6
    load = os.getloadavg()[0]
    return (f"{first('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores, {memory:.0f} GB, "
            f"Linux {os.uname().release}; commit {commit.stdout.strip() or '?'}{' and changes' if changed else ''}; "
            f"load before: {load:.1f}")
