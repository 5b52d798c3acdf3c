#!/usr/bin/env python3
"""The two built programs, one against the other on a socket: logins through OAuth from the consent to the night after,
each refusal with its exit code and cure, a renewal killed at each of its system calls, eight jobs at once, and days that
begin at another time than the job file says.

usage: programs.py [CASE …]      all cases, or those of these names
PIPESNAP_BIN names the folder of the two programs, PIPESNAP_SEED repeats the random instants. Standard library only.
"""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, f"{HERE}/../torture"]
import company
import tracer
from company import Broken, Company, Recorder, ask, expect, wait_for

INSTANTS = 30
# The job file's zone, how many minutes it is ahead of UTC, and the hour of UTC at which the company's day begins.
WRONG_RESETS = [("Asia/Kolkata", 330, 2), ("UTC", 0, 22)]
DAILY, PAGE = 160, 40
JOBS = 8
# What a renewal leaves in its folder.
TOKEN_FILES = ["acme.refresh", "acme.refresh.lock"]


def whole_flow(place):
    """consent, code, tokens, run, check"""
    there = place()
    login, page, target = there.begin_login()
    state = page.split("state=")[1]
    expect(ask("GET", target.replace(state, "forged"))[0] == 404, "an answer with another state is taken")
    expect(ask("GET", target.replace("/back", "/other"))[0] == 404, "an answer at another path is taken")
    expect(login.poll() is None, "a forged answer ends the login")
    with open(f"/proc/{login.pid}/cmdline") as words:
        expect(company.CLIENT_SECRET not in words.read(), "the secret is in the argument list")
    expect(ask("GET", target)[0] == 200, "the browser is not welcome")
    expect("lives until" in there.end(login, 0), "login does not say how long it lives")
    expect(sorted(os.listdir(f"{there.folder}/tokens")) == TOKEN_FILES, "a draft is left")
    there.call(0, "run")
    text = there.call(0, "check")
    expect("the refresh token lives until" in text and ("(59 days)" in text or "(60 days)" in text), text)
    expect(there.stats()["oauth"] == {"allowed": 1, "exchanged": 1, "renewed": 2}, f"{there.stats()['oauth']}")
    return there


def declined(place):
    """the user does not allow the app"""
    there = place("--consent", "off")
    login, _, target = there.begin_login()
    expect("not allowed" in ask("GET", target)[2], "the browser is not told")
    expect("pipesnap login again" in there.end(login, 77), "no cure is named")
    expect(not os.path.exists(there.token_file), "a token file is made")
    return there


def codes(place):
    """--code: an address, a bare code, one that was used, one that has expired, one that is nonsense"""
    there = place()
    first = there.consent()
    there.call(0, "login", "--code", first)
    expect("authorization_code is invalid" in there.call(77, "login", "--code", first), "a code is good twice")
    bare = there.consent().split("code=")[1].split("&")[0]
    there.call(0, "login", "--code", bare)
    late = there.consent()
    there.lever("advance?seconds=301")
    text = there.call(77, "login", "--code", late)
    expect("has expired" in text and "pipesnap login" in text, text)
    there.call(77, "login", "--code", "nonsense")
    there.call(0, "check")
    return there


def wrong_app(place):
    """another secret, another redirect, a company that is not the job's, a server that is down"""
    there = place()
    there.log_in()
    right = company.CLIENT_SECRET
    try:
        company.CLIENT_SECRET = "another-secret-0123456789"
        text = there.call(77, "run")
        expect("client is invalid" in text and "client_secret" in text, text)
    finally:
        company.CLIENT_SECRET = right
    there.write_job(redirect="http://127.0.0.1:1/")
    text = there.call(77, "login", "--code", there.consent())
    expect("redirect_uri is invalid" in text and "api.oauth.redirect" in text, text)
    there.write_job()
    there.close()
    expect("pipesnap" in there.call(69, "run"), "no sentence")
    return there


def renewed_in_time(place):
    """access tokens of four seconds: none is ever refused"""
    there = place("--access-seconds", "4", "--latency-ms", "300", "--rotate-refresh-tokens")
    there.write_job("[core]", more="concurrency: 1")
    there.log_in()
    there.call(0, "run")
    stats = there.stats()
    expect("401" not in stats["requests_by_status"] and stats["oauth"]["renewed"] > 2, f"{stats}")
    return there


def renewed_on_refusal(place):
    """access that ends in the middle of a run; one that is refused for ever"""
    there = place("--latency-ms", "200", "--rotate-refresh-tokens")
    there.write_job("[core]")
    there.log_in()
    run = there.start("run")
    wait_for(lambda: there.stats()["requests"] > 3)
    there.lever("end-access")
    there.end(run, 0)
    stats = there.stats()
    expect(1 <= stats["requests_by_status"].get("401", 0) <= 4 and stats["oauth"]["renewed"] == 2, f"{stats}")
    ever = place("--misbehave", "unauthorized=1")
    ever.log_in()
    expect("pipesnap login" in ever.call(77, "run") and ever.stats()["requests"] == 2, f"{ever.stats()}")
    expect("pipesnap login" in ever.call(77, "check") and ever.stats()["requests"] == 4, f"{ever.stats()}")
    ever.close()
    return there


def refused_login(place):
    """the user removes the app: 77, one sentence, nothing spent"""
    there = place()
    there.log_in()
    there.lever("end-logins")
    text = there.call(77, "run")
    expect("pipesnap login" in text and text.count("\n") == 1, f"not one sentence with the cure: {text}")
    expect(there.stats()["requests"] == 0, "something was asked for all the same")
    there.log_in()
    there.call(0, "run")
    return there


def open_file(place):
    """a token file that others may read: refused before anything is sent"""
    there = place()
    there.log_in()
    before = there.stats()
    os.chmod(there.token_file, 0o640)
    for command in ("run", "check"):
        text = there.call(77, command)
        expect("open to other users" in text and "chmod 600" in text, text)
    expect(there.stats()["oauth"] == before["oauth"], "something was sent")
    os.chmod(there.token_file, 0o600)
    return there


def other_address(place):
    """api_domain: on this machine it is followed, and another company's is not"""
    elsewhere = Recorder()
    there = place("--api-domain", elsewhere.url)
    there.log_in()
    expect("Elsewhere" in there.call(0, "check"), "api_domain is not asked")
    expect(len(elsewhere.heard) == 1 and "authorization: Bearer v1u:" in elsewhere.heard[0], f"{elsewhere.heard}")
    expect(there.stats()["requests"] == 0, "base_url is asked as well")
    other = place("--api-domain", "https://other.pipedrive.com")
    expect("the login is for https://other.pipedrive.com" in other.call(77, "login", "--code", other.consent()), "kept")
    expect(not os.path.exists(other.token_file), "another company's login is kept")
    other.close()
    return there


def killed_renewals(place):
    """kill -9 at each system call of a renewal that rotates the refresh token, and at random instants"""
    # A fast machine starts more checks in two seconds than the burst limit lets through.
    there = place("--rotate-refresh-tokens", "--burst", "10000")
    there.log_in()
    points = 0
    os.environ.update(there.environment)
    try:
        for call in [*tracer.CALLS, "sendto"]:
            for when in range(1, 200):
                trace = tracer.Tracer(there.arguments("check"), f"{there.folder}/tokens", "SIGKILL", call, when)
                trace.run(company.PATIENCE_SECONDS)
                if trace.hit is None:
                    break
                points += 1
                there.call(0, "check")
                expect(sorted(os.listdir(f"{there.folder}/tokens")) == TOKEN_FILES, f"a draft is left by {call} {when}")
        expect(points > 8, f"only {points} system calls were met")
    except tracer.NotPermitted as reason:
        print(f"  only random instants are tried: {reason}")
    began = time.monotonic()
    there.call(0, "check")
    seconds, killed = time.monotonic() - began, 0
    dice = random.Random(SEED)
    for _ in range(INSTANTS):
        for _ in range(dice.randint(1, 3)):
            victim = there.start("check")
            time.sleep(dice.uniform(0, seconds))
            victim.kill()
            victim.communicate()
            killed += victim.returncode == -signal.SIGKILL
        there.call(0, "check")
    print(f"  {points} system calls and {killed} instants; seed {SEED}")
    return there


def eight_jobs(place):
    """eight at once, with a token and with a login: one runs, seven end with 11 at once, not a token too many"""
    for oauth in (False, True):
        there = place("--latency-ms", "300")
        there.write_job("[core]", oauth=oauth)
        if oauth:
            there.log_in()
        began = time.monotonic()
        jobs = [there.start("run") for _ in range(JOBS)]
        wait_for(lambda: sum(job.poll() is None for job in jobs) == 1)
        seconds = time.monotonic() - began
        runner = next(job for job in jobs if job.poll() is None)
        for job in jobs:
            if job is not runner:
                there.end(job, 11)
        there.end(runner, 0)
        stats = there.stats()
        booked = query(there, "SELECT sum(tokens) FROM token_spend")
        expect(stats["tokens"] == booked == sum(stats["tokens_by_day"].values()), f"{booked} booked, {stats} counted")
        expect(query(there, "SELECT count(*) FROM runs") == 1, "there is more than one run")
        alone = place("--latency-ms", "300")
        alone.write_job("[core]", oauth=False)
        alone.call(0, "run")
        expect(alone.stats()["tokens"] == stats["tokens"], f"{alone.stats()['tokens']} tokens alone, {booked} of eight")
        if oauth:
            expect(stats["oauth"]["renewed"] == 1, f"{stats['oauth']}")
        print(f"  {JOBS - 1} of {JOBS} ended within {seconds:.2f} s, {booked} tokens by the server's count"
              f" as by one alone{', one renewal' if oauth else ''}")
        alone.close()
        there.check_secrets()
        there.close()
    return there


def wrong_reset(place):
    """the company's day begins at another hour than the job file says: seen, said, and both days are kept to"""
    for zone, ahead, company_hour in WRONG_RESETS:
        # Others use up what makes the jump large enough to be sure of.
        there = place("--budget-renews-at", f"{company_hour:02}:00", "--daily-budget", "1000", "--other-traffic", "30")

        def budget(resets_at):
            there.write_job("[core]", oauth=False, budget=f'daily_tokens: {DAILY}, time_zone: {zone}, '
                                                          f'resets_at: "{resets_at}"')

        def said(told):
            return told.count("the day's tokens came back")

        budget("00:00")
        # The next day that the company begins, at least some hours from now.
        renewal = (int(there.now()) // 86400 + 1) * 86400 + company_hour * 3600
        there.wait_until(renewal - 1800)
        expect(said(there.call(75, "run", "--max-tokens", "40")) == 0, "something is said before it is known")
        expect(json.loads(there.call(0, "status", "--json")).get("budget_reset") is None, "known before it was seen")
        there.wait_until(renewal + 1800)
        text = there.call(75, "run", "--max-tokens", "40")
        expect(said(text) == 1 and f"{zone} (seen once), the job file says 00:00" in text, f"not said once: {text}")
        expect(said(there.call(0, "status")) == 1, "status does not say it once")
        seen = json.loads(there.call(0, "status", "--json"))["budget_reset"]
        minutes = (company_hour * 60 + ahead) % 1440
        local = f"{minutes // 60:02}:{minutes % 60:02}"
        expect(seen["earliest"] < f"{local}:00" < seen["latest"] and not seen["agrees"], f"{seen}")
        expect(said(there.call(0, "check")) == 1, "check does not say it once")
        for hour in range(3, 75, 3):
            there.wait_until(renewal + hour * 3600)
            run = there.start("run")
            text = run.communicate(timeout=company.PATIENCE_SECONDS)[0]
            expect(run.returncode in (0, 75) and said(text) == 1, f"{run.returncode}, or not said once: {text}")
        stats = there.stats()
        spent = stats["tokens_by_day"]
        expect(max(spent.values()) <= DAILY, f"more than {DAILY} tokens on one of the company's days: {spent}")
        expect(sum(DAILY - value < PAGE for value in spent.values()) >= 2, f"what may be spent is not: {spent}")
        booked = query(there, "SELECT max(tokens) FROM (SELECT sum(tokens) AS tokens FROM token_spend "
                              "GROUP BY budget_day)")
        expect(booked <= DAILY, f"{booked} of {DAILY} tokens on a day of the job file")
        expect(query(there, "SELECT sum(tokens) FROM token_spend") == stats["tokens"], "booked is not what was counted")
        budget(local)
        expect(said(there.call(0, "status")) == 0, "it is still said when the job file is right")
        print(f"  00:00 {zone} in the job file, {local} by the company: {spent}, {DAILY} allowed")
        there.check_secrets()
        there.close()
    return there


def query(there, sql):
    index = sqlite3.connect(f"file:{there.folder}/out/index/acme.sqlite?mode=ro", uri=True)
    value = index.execute(sql).fetchone()[0]
    index.close()
    return value


CASES = [whole_flow, declined, codes, wrong_app, renewed_in_time, renewed_on_refusal, refused_login, open_file,
         other_address, killed_renewals, eight_jobs, wrong_reset]
SEED = int(os.environ.get("PIPESNAP_SEED") or random.randrange(1 << 31))


def main():
    wanted = sys.argv[1:]
    cases = [case for case in CASES if not wanted or case.__name__ in wanted]
    if len(cases) < len(wanted) or not cases:
        print(__doc__, file=sys.stderr)
        sys.exit(64)
    programs = os.environ.get("PIPESNAP_BIN") or subprocess.check_output(
        ["swift", "build", "-c", "release", "--show-bin-path"], text=True).strip()
    broken = 0
    for case in cases:
        folder, companies = tempfile.mkdtemp(prefix="programs-"), []

        def place(*options):
            companies.append(Company(programs, f"{folder}/{len(companies)}", *options))
            return companies[-1]

        began = time.monotonic()
        try:
            case(place)
            for there in companies:
                there.check_secrets()
            print(f"ok      {case.__name__}: {case.__doc__} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception as error:
            broken += 1
            print(f"BROKEN  {case.__name__}: {case.__doc__}", flush=True)
            print(error if isinstance(error, Broken) else traceback.format_exc(), flush=True)
        finally:
            for there in companies:
                there.close()
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(cases)} cases, {broken} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
