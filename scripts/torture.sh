#!/usr/bin/env bash
# Kills the real program at its system calls, the n-th of each kind, and at random instants; then runs it again and
# compares with a run that nobody disturbed: no record lost, none written twice, every file as its manifest says.
# usage: torture.sh [short|full]     short: a sample for CI; full: every call up to `most_calls`, and 1000 instants
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-short}" in
short) stride=9 most_calls=60 instants=20 ;;
full) stride=1 most_calls=400 instants=1000 ;;
*)
    echo "usage: $0 [short|full]" >&2
    exit 64
    ;;
esac
# Errors only where the disk answers: a socket or an event that fails with ENOSPC is no world we live in.
calls=(fsync fdatasync write pwrite64 rename unlink sendto)
faults_of() {
    echo "signal=SIGKILL"
    case "$1" in fsync | fdatasync | pwrite64 | rename) printf 'error=EIO\nerror=ENOSPC\n' ;; esac
}
# A run that takes longer than this hangs.
patience_seconds=60
seed="${PIPESNAP_SEED:-$RANDOM}"
RANDOM=$seed
bin="${PIPESNAP_BIN:-$(swift build -c release --show-bin-path)}"

work="$(mktemp -d)"
trap 'kill "$simulator_pid" 2>/dev/null || true; rm -rf "$work"' EXIT
export PIPESNAP_TORTURE_TOKEN="torture-$$"
"$bin/pipesnap-simulator" --port 0 --deals 1500 --seed 7 --life off --burst 100000 --daily-budget 1000000000 \
    --token "$PIPESNAP_TORTURE_TOKEN" >"$work/url" &
simulator_pid=$!
until grep -q '^http://' "$work/url"; do sleep 0.1; done

cat >"$work/job.yaml" <<JOB
account: torture
api: {base_url: "$(cat "$work/url")", token: {env: PIPESNAP_TORTURE_TOKEN}}
budget: {daily_tokens: 900000000}
window: {overlap: 0s, sweep: 0}
streams: [deals, persons, products, users]
output: {directory: out, roll_at: 64kB}
JOB

run() { timeout "$patience_seconds" "$bin/pipesnap" run "$work/job.yaml" >/dev/null 2>&1; }
# What every record's newest version is, and how many versions there are in all.
state() {
    sqlite3 "$work/out/index/torture.sqlite" \
        "SELECT s.name, h.id, h.op, h.update_time, h.hash FROM heads h JOIN stream_names s ON s.id = h.stream
         ORDER BY 1, 2; SELECT count(*) FROM versions" | sha256sum
}
tokens() { sqlite3 "$work/out/index/torture.sqlite" "SELECT coalesce(sum(tokens), 0) FROM token_spend"; }

run
undisturbed="$(state)"
price="$(tokens)"
tried=0 hit=0 violations=0 refetched=0 slowest=0

violation() {
    violations=$((violations + 1))
    printf 'VIOLATION after %s: %s\n' "$1" "$2"
}

# judge WHAT: what a run without flags makes of what was left behind.
judge() {
    local began code=0
    began="$(date +%s%N)"
    run || code=$?
    local took=$((($(date +%s%N) - began) / 1000000))
    if [ "$took" -gt "$slowest" ]; then slowest=$took; fi
    if [ "$code" -ne 0 ]; then violation "$1" "the next run ended with $code"; return; fi
    if [ "$(state)" != "$undisturbed" ]; then violation "$1" "records differ, or a version is there twice"; fi
    "$bin/pipesnap" verify "$work/job.yaml" >"$work/verify" 2>&1 || violation "$1" "verify: $(head -n 1 "$work/verify")"
    if [ -n "$(ls "$work/out/staging/torture")" ]; then violation "$1" "staging is not empty"; fi
    refetched=$((refetched + $(tokens) - price))
}

for call in "${calls[@]}"; do
    for fault in $(faults_of "$call"); do
        for ((n = 1; n <= most_calls; n += stride)); do
            rm -rf "$work/out"
            code=0
            timeout "$patience_seconds" strace -f -qq -o /dev/null -e "trace=$call" -e "inject=$call:$fault:when=$n" \
                "$bin/pipesnap" run "$work/job.yaml" >/dev/null 2>&1 || code=$?
            tried=$((tried + 1))
            if [ "$code" -eq 124 ]; then violation "$call $fault $n" "it hangs"; fi
            # The n-th call was not reached: no later one will be.
            if [ "$code" -eq 0 ]; then break; fi
            hit=$((hit + 1))
            judge "$call $fault $n"
        done
    done
done
for ((i = 1; i <= instants; i++)); do
    rm -rf "$work/out"
    "$bin/pipesnap" run "$work/job.yaml" >/dev/null 2>&1 &
    victim=$!
    sleep "0.$(printf '%03d' $((RANDOM % 300)))"
    kill -9 "$victim" 2>/dev/null || true
    wait "$victim" 2>/dev/null || true
    tried=$((tried + 1)) hit=$((hit + 1))
    judge "an instant, the $i-th of seed $seed"
done

echo "points tried $tried, crashes $hit, violations $violations, tokens refetched a crash" \
    "$((hit > 0 ? refetched / hit : 0)) of $price, slowest run after a crash $slowest ms, seed $seed"
[ "$violations" -eq 0 ]
