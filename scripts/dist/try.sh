#!/usr/bin/env bash
# Unpacks the tar into an empty folder and uses it as a cron host would, without Swift, without environment, and
# without this tree.
set -euo pipefail
cd "$(dirname "$0")/../.."
tar=$(pwd)/$(ls -t .build/dist/*.tar.gz | head -1)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
tar -xzf "$tar"
[ "$(ls | wc -l)" = 1 ] || { echo "try.sh: the tar holds more than one folder" >&2; exit 1; }
cd pipesnap-*
clean() { env -i HOME="$folder" PATH=/usr/bin:/bin "$@"; }

if clean ldd bin/pipesnap | grep -Ei 'swift|foundation|not found'; then
    echo "try.sh: the program wants libraries that a cron host has not" >&2
    exit 1
fi
[ "$(clean bin/pipesnap --version)" = "$(basename "$PWD" | cut -d- -f2)" ]
clean bin/pipesnap --help >/dev/null
clean bin/pipesnap streams --json | python3 -c 'import json, sys; assert json.load(sys.stdin)'
clean bash -n share/bash-completion/completions/pipesnap
gzip -dc share/man/man1/pipesnap.1.gz >page
commands=$(clean bin/pipesnap --help | sed -n '/^SUBCOMMANDS/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')
[ "$(wc -w <<<"$commands")" -ge 10 ] || { echo "try.sh: the help names too few commands: $commands" >&2; exit 1; }
for command in $commands; do
    grep -q "^\.SS .fB$command.fR" page || { echo "try.sh: the manual page lacks $command" >&2; exit 1; }
    options=$(clean bin/pipesnap "$command" --help | grep -oE '^  +(-h, )?--[a-z-]+' | grep -oE -- '--[a-z-]+')
    for option in $options; do
        grep -qF -- "${option//-/\\-}" page || { echo "try.sh: the manual page lacks $option" >&2; exit 1; }
    done
done
# A job file that is examined, and refused for its missing token alone, shows that time zones and YAML are there.
code=0
clean bin/pipesnap plan share/pipesnap/jobs/nightly.yaml >/dev/null || code=$?
[ "$code" = 0 ] || { echo "try.sh: plan ended with $code" >&2; exit 1; }
echo "$(basename "$tar"): $(stat -c %s "$tar" | numfmt --to=si)B, program $(stat -c %s bin/pipesnap | numfmt --to=si)B"
