"""A simulated company on a socket, jobs for it, and the browser of a person who logs in. Standard library only."""

import base64
import http.client
import json
import os
import socket
import stat
import subprocess
import threading
import time
import urllib.parse

CLIENT_ID, CLIENT_SECRET, API_TOKEN = "programs-client-id", "programs-client-secret-0123456789", "programs-api-token-0123456789"
# What access and refresh tokens of the simulator begin with: none may be found anywhere but in the token file.
TOKEN_MARKS = ["v1u:", "v1u%3A", "7532:1:", "7532%3A1%3A"]
# In the last 90 seconds of a budget day a run waits for the next one.
PATIENCE_SECONDS = 150


class Broken(Exception):
    """Something is not as it must be."""


def expect(condition, what):
    if not condition:
        raise Broken(what)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def ask(method, url):
    """One request, no redirect followed: status, headers, body."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE_SECONDS)
    connection.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, body


class Company:
    """A simulator, and beside it a job that logs in and one that has an API token."""

    def __init__(self, programs, folder, *options):
        self.programs, self.folder = programs, folder
        # How far the clocks of both programs are ahead of this machine's.
        self.seconds = 0
        os.makedirs(f"{folder}/tokens")
        self.callback = f"http://127.0.0.1:{free_port()}/back"
        self.simulator = subprocess.Popen(
            [f"{programs}/pipesnap-simulator", "--port", "0", "--deals", "400", "--life", "off", "--token", API_TOKEN,
             "--client-id", CLIENT_ID, "--client-secret", CLIENT_SECRET, "--callback", self.callback, *options],
            stdout=subprocess.PIPE, text=True)
        self.url = self.simulator.stdout.readline().strip()
        self.token_file = f"{folder}/tokens/acme.refresh"
        self.said = []
        self.write_job()

    def close(self):
        self.simulator.terminate()
        self.simulator.wait()

    def write_job(self, streams="[users]", redirect=None, oauth=True, budget="daily_tokens: 20000", more=""):
        access = f"""  oauth:
    client_id: {{env: PROGRAMS_CLIENT_ID}}
    client_secret: {{env: PROGRAMS_CLIENT_SECRET}}
    refresh_token_file: tokens/acme.refresh
    server: "{self.url}"
    redirect: "{redirect or self.callback}"
""" if oauth else "  token: {env: PROGRAMS_API_TOKEN}\n"
        with open(f"{self.folder}/job.yaml", "w") as job:
            job.write(f"""account: acme
api:
  base_url: "{self.url}"
{access}budget: {{{budget}}}
streams: {streams}
output: {{directory: out}}
{more}
""")

    @property
    def environment(self):
        return {**os.environ, "PROGRAMS_CLIENT_ID": CLIENT_ID, "PROGRAMS_CLIENT_SECRET": CLIENT_SECRET,
                "PROGRAMS_API_TOKEN": API_TOKEN}

    def arguments(self, command, *more):
        return [f"{self.programs}/pipesnap", command, f"{self.folder}/job.yaml", *more]

    def start(self, command, *more):
        # Waiting takes its usual time, whatever the clock on the wall shows.
        ahead = ["faketime", "-f", f"{self.seconds:+d}s"] if self.seconds else []
        return subprocess.Popen([*ahead, *self.arguments(command, *more)], stdin=subprocess.DEVNULL,
                                env={**self.environment, "FAKETIME_DONT_FAKE_MONOTONIC": "1"},
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def end(self, process, code):
        """What it said, when it ends with this code."""
        text = process.communicate(timeout=PATIENCE_SECONDS)[0]
        self.said.append(text)
        expect(process.returncode == code, f"{code} was expected, not {process.returncode}: {text}")
        return text

    def call(self, code, command, *more):
        return self.end(self.start(command, *more), code)

    # The simulator's own books and levers.

    def stats(self):
        return json.loads(ask("GET", f"{self.url}/simulator/stats")[2])

    def lever(self, name):
        expect(ask("POST", f"{self.url}/simulator/{name}")[0] == 200, f"the simulator does not know {name}")

    def now(self):
        """What the clocks of both programs show, in seconds since 1970."""
        return time.time() + self.seconds

    def wait_until(self, moment):
        """Puts both clocks forward."""
        seconds = round(moment - self.now())
        self.lever(f"advance?seconds={seconds}")
        self.seconds += seconds

    # A person with a browser.

    def begin_login(self):
        """A login that waits, the page that it names, and the place to which the page leads."""
        login = self.start("login")
        lines = []
        while not lines or not lines[-1].startswith("Waiting"):
            line = login.stdout.readline()
            expect(line, f"login ended: {lines}")
            lines.append(line)
        self.said.append("".join(lines))
        page = next(line.strip() for line in lines if line.startswith("  http"))
        return login, page, self.consent(page)

    def consent(self, page=None):
        query = urllib.parse.urlencode({"client_id": CLIENT_ID, "redirect_uri": self.callback, "state": "by-hand"})
        status, headers, body = ask("GET", page or f"{self.url}/oauth/authorize?{query}")
        expect(status == 302, f"no redirect but {status}: {body}")
        return headers["location"]

    def log_in(self):
        login, _, place = self.begin_login()
        expect(ask("GET", place)[0] == 200, "the browser is not welcome")
        return self.end(login, 0)

    # What must hold whatever happened.

    def check_secrets(self):
        secrets = [CLIENT_SECRET, base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode(), API_TOKEN,
                   *TOKEN_MARKS]
        texts = [("what was printed", text.encode()) for text in self.said]
        for folder, _, names in os.walk(f"{self.folder}/out"):
            for name in names:
                with open(f"{folder}/{name}", "rb") as file:
                    texts.append((name, file.read()))
        for place, text in texts:
            for secret in secrets:
                expect(secret.encode() not in text, f"{secret[:6]}… is in {place}")
        if os.path.exists(self.token_file):
            mode = stat.S_IMODE(os.stat(self.token_file).st_mode)
            expect(mode == 0o600, f"the token file has mode {mode:o}")


class Recorder:
    """Somebody else's web server: notes who comes with what, and answers nothing useful."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}"
        self.heard = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.server.accept()
            with connection:
                connection.settimeout(5)
                try:
                    text = connection.recv(65536).decode()
                except TimeoutError:
                    continue
                if text:
                    self.heard.append(text)
                    body = b'{"success":true,"data":{"id":1,"company_name":"Elsewhere"}}'
                    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
                                       + str(len(body)).encode() + b"\r\nconnection: close\r\n\r\n" + body)


def wait_for(condition):
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        expect(time.monotonic() < end, "nothing happens")
        time.sleep(0.01)
