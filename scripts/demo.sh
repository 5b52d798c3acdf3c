#!/usr/bin/env bash
# Two nights of pipesnap against a simulated company of 20,000 deals: the first night's allowance is too
# small on purpose, the second goes on where the first stopped. It ends by itself and leaves nothing running.
set -euo pipefail
cd "$(dirname "$0")/.."

# What one night may spend: too little for everything, enough to finish on a later night.
export PIPESNAP_DEMO_TOKENS="${PIPESNAP_DEMO_TOKENS:-5000}"
export PIPESNAP_DEMO_OUTPUT="$PWD/output/demo"
most_nights=5
day_seconds=86400
patience_seconds=30
deals=20000

work="$(mktemp -d)"
simulator_pid=""

# Whatever happens, and also on ctrl-C, nothing stays behind.
finish() {
    if [ -n "$simulator_pid" ]; then
        kill "$simulator_pid" 2>/dev/null || true
        wait "$simulator_pid" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

heading() { printf '\n== %s\n\n' "$*"; }
say() { printf '   %s\n' "$*"; }
fail() {
    printf 'demo: %s\n' "$*" >&2
    exit 1
}
# Prints the command, then runs it.
show() {
    printf '$ %s\n' "$*"
    "$@"
}

start_simulator() {
    PIPESNAP_DEMO_TOKEN="demo-$$-$RANDOM$RANDOM"
    export PIPESNAP_DEMO_TOKEN
    printf '$ %s\n' "pipesnap-simulator --port 0 --deals $deals --seed 7 --token … --daily-budget 50000 &"
    "$bin/pipesnap-simulator" --port 0 --deals "$deals" --seed 7 --token "$PIPESNAP_DEMO_TOKEN" \
        --daily-budget 50000 >"$work/url" 2>"$work/simulator.log" &
    simulator_pid=$!
    local waited=0
    until grep -q '^http://' "$work/url"; do
        if ! kill -0 "$simulator_pid" 2>/dev/null || [ "$waited" -ge "$((patience_seconds * 10))" ]; then
            cat "$work/simulator.log" >&2
            fail "the simulator did not start"
        fi
        sleep 0.1
        waited=$((waited + 1))
    done
    PIPESNAP_DEMO_URL="$(grep -m 1 '^http://' "$work/url")"
    export PIPESNAP_DEMO_URL
    say "It listens on $PIPESNAP_DEMO_URL"
}

# advance SECONDS: moves the simulator's clock. bash itself can speak enough HTTP where curl is missing.
advance() {
    local path="/simulator/advance?seconds=$1"
    printf '$ %s\n' "curl -X POST '$PIPESNAP_DEMO_URL$path'"
    if command -v curl >/dev/null 2>&1; then
        curl -fsS -X POST "$PIPESNAP_DEMO_URL$path" >/dev/null || fail "the simulator's clock could not be moved"
        return
    fi
    local port="${PIPESNAP_DEMO_URL##*:}" status
    exec 3<>"/dev/tcp/127.0.0.1/${port%%/*}"
    printf 'POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' "$path" >&3
    status="$(sed -n 1p <&3)"
    exec 3>&-
    case "$status" in
    "HTTP/1."?" 2"*) ;;
    *) fail "the simulator's clock could not be moved: $status" ;;
    esac
}

# later DAYS COMMAND…: runs it with the wall clock that many days ahead; waiting takes its usual time.
later() {
    local days="$1"
    shift
    if [ "$days" -eq 0 ]; then
        "$@"
    else
        FAKETIME_DONT_FAKE_MONOTONIC=1 faketime -f "+${days}d" "$@"
    fi
}

# night DAYS: one run of the job, as cron would start it. Leaves its exit code in `code`.
night() {
    local days="$1" measure=() prefix=""
    if [ "$days" -gt 0 ]; then prefix="faketime -f +${days}d "; fi
    if [ -x /usr/bin/time ]; then measure=(/usr/bin/time -q -o "$work/memory" -f %M); fi
    printf '$ %s\n' "${prefix}pipesnap run jobs/demo.yaml"
    code=0
    later "$days" ${measure[@]+"${measure[@]}"} "$bin/pipesnap" run jobs/demo.yaml || code=$?
    say "exit code $code"
    if [ -s "$work/memory" ]; then say "peak memory $(($(sed -n '$p' "$work/memory") / 1024)) MB"; fi
}

query() {
    printf '$ sqlite3 output/demo/index/demo.sqlite "%s"\n' "$1"
    sqlite3 -header -column "$PIPESNAP_DEMO_OUTPUT/index/demo.sqlite" "$1"
}

heading "Building"
bash scripts/install-system-packages.sh demo
if [ -z "${PIPESNAP_DEMO_BIN:-}" ]; then
    show make build
    PIPESNAP_DEMO_BIN="$(swift build -c release --show-bin-path)"
fi
bin="$PIPESNAP_DEMO_BIN"

heading "A simulated company with $deals deals"
rm -rf "$PIPESNAP_DEMO_OUTPUT"
start_simulator

heading "The first night, with $PIPESNAP_DEMO_TOKENS tokens: too few for everything"
night 0
[ "$code" -eq 75 ] || fail "exit code 75 was expected: the allowance is used up, progress is kept"
say "75: the allowance is used up. What was pulled is kept, and the next run goes on from there."

days=0
while [ "$code" -eq 75 ]; do
    days=$((days + 1))
    [ "$days" -lt "$most_nights" ] || fail "not complete after $most_nights nights"
    heading "The clocks move to the next day: night $((days + 1))"
    advance "$day_seconds"
    night "$days"
done
[ "$code" -eq 0 ] || fail "exit code 0 was expected"
say "0: every stream is covered."

heading "What was spent"
printf '$ pipesnap status jobs/demo.yaml\n'
later "$days" "$bin/pipesnap" status jobs/demo.yaml
query "SELECT budget_day, sum(requests) AS requests, sum(tokens) AS tokens FROM token_spend GROUP BY budget_day;"

heading "The files"
printf '$ find output/demo/snapshots output/demo/manifests -type f | sort\n'
find output/demo/snapshots output/demo/manifests -type f | sort

heading "Three lines of a snapshot, cut at 110 characters"
snapshot="$(find output/demo/snapshots -path '*stream=deals*' -name '*.ndjson.gz' | sort | sed -n 1p)"
[ -n "$snapshot" ] || fail "there is no snapshot of deals"
printf '$ gzip -dc %s | head -n 3\n' "$snapshot"
gzip -dc "$snapshot" | sed -n 1,3p | cut -c 1-110

heading "One record"
id="$(sqlite3 "$PIPESNAP_DEMO_OUTPUT/index/demo.sqlite" \
    "SELECT id FROM records WHERE stream = 'deals' AND op = 'upsert' ORDER BY seq DESC LIMIT 1")"
printf '$ pipesnap show jobs/demo.yaml deals %s\n' "$id"
later "$days" "$bin/pipesnap" show jobs/demo.yaml deals "$id"

heading "One question to the index"
query "SELECT stream, count(*) AS records, max(update_time) AS newest FROM records GROUP BY stream;"

heading "Where to go on"
say "The simulator is stopped; the output stays in output/demo. To look around:"
say "  $bin/pipesnap streams"
say "  $bin/pipesnap --help"
say "  sqlite3 output/demo/index/demo.sqlite 'SELECT * FROM coverage'"
say "For a real account: README.md, \"A real account in five minutes\"."
