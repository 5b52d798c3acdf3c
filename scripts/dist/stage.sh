#!/usr/bin/env bash
# stage.sh FOLDER: lays out what a host gets, under FOLDER as under a prefix: the stripped program, its manual page and
# completions, example jobs, the crontab and what it calls, and the papers.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=.build/release/pipesnap
target=$1
[ -x "$program" ] || { echo "stage.sh: $program is not built; run make build first" >&2; exit 1; }
# The day of the commit, so that the same commit gives the same bytes.
day=$(git log -1 --format=%cs 2>/dev/null || true)

umask 022
mkdir -p "$target"/bin "$target"/share/{man/man1,bash-completion/completions,zsh/site-functions} \
    "$target"/share/{fish/vendor_completions.d,pipesnap/jobs,doc/pipesnap}
strip -o "$target/bin/pipesnap" "$program"
python3 scripts/dist/manpage.py "$program" "$day" | gzip -9n >"$target/share/man/man1/pipesnap.1.gz"
"$program" --generate-completion-script bash >"$target/share/bash-completion/completions/pipesnap"
"$program" --generate-completion-script zsh >"$target/share/zsh/site-functions/_pipesnap"
"$program" --generate-completion-script fish >"$target/share/fish/vendor_completions.d/pipesnap.fish"
install -m 644 jobs/*.yaml "$target/share/pipesnap/jobs"
install -m 644 crontab.example "$target/share/pipesnap"
install -m 755 scripts/quietly.sh "$target/share/pipesnap"
install -m 644 README.md CHANGELOG.md docs/manual.md "$target/share/doc/pipesnap"
