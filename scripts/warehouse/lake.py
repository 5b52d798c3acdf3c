"""A lake to test warehouses with: every stream of a simulated company, three nights with edits and deletes between them,
and custom fields whose names were chosen to break SQL."""

import os
import shutil
import subprocess
import time
import urllib.request

JOB = """account: wide
api:
  base_url: {url}
  token: {{env: PIPESNAP_WAREHOUSE_TOKEN}}
budget:
  daily_tokens: 200000
streams: [all]
output:
  directory: {output}
  roll_at: 64kB
"""
TOKEN = "warehouse"
DAY_SECONDS = 86_400
PATIENCE_SECONDS = 60


class Lake:
    """Three nights of pipesnap in `folder`; `pipesnap(...)` asks the program about them."""

    def __init__(self, binaries, folder, deals=400, nights=3):
        self.program = f"{binaries}/pipesnap"
        self.simulator_program = f"{binaries}/pipesnap-simulator"
        self.folder, self.deals = folder, deals
        self.job, self.output = f"{folder}/wide.yaml", f"{folder}/output"
        self.day = 0
        self.environment = {**os.environ, "PIPESNAP_WAREHOUSE_TOKEN": TOKEN, "TZ": "UTC"}
        self.runs = []
        self._start()
        try:
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
        with open(self.job, "w") as file:
            file.write(JOB.format(url=self.url, output=self.output))

    def stop(self):
        self.simulator.terminate()
        self.simulator.wait()

    def night(self):
        """One run; afterwards both clocks are moved to the next day."""
        self.runs.append(self.pipesnap("run", self.job))
        request = urllib.request.Request(f"{self.url}/simulator/advance?seconds={DAY_SECONDS}", method="POST")
        urllib.request.urlopen(request, timeout=PATIENCE_SECONDS).read()
        self.day += 1

    def pipesnap(self, *words, codes=(0,), environment=None):
        """What the program writes to stdout."""
        command = [self.program, *words]
        if self.day:
            command = [shutil.which("faketime"), "-f", f"+{self.day}d", *command]
        env = {**self.environment, "FAKETIME_DONT_FAKE_MONOTONIC": "1", **(environment or {})}
        done = subprocess.run(command, env=env, capture_output=True)
        if done.returncode not in codes:
            raise SystemExit(f"{' '.join(words)}: exit code {done.returncode}\n{done.stderr.decode()}")
        return done.stdout


def seconds_of(action):
    began = time.monotonic()
    action()
    return time.monotonic() - began
