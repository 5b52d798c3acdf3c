#!/usr/bin/env bash
# Makes .build/dist/pipesnap-VERSION-linux-ARCHITECTURE.tar.gz: one folder, to be copied over /usr/local or used where
# it lies. The same commit and compiler give the same bytes: names in order, nobody's owner, the commit's time.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=$(.build/release/pipesnap --version)
name=pipesnap-$version-linux-$(uname -m)
time=$(git log -1 --format=%ct 2>/dev/null || echo 0)
mkdir -p .build/dist
rm -rf ".build/dist/$name"
scripts/dist/stage.sh ".build/dist/$name"
tar -C .build/dist --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$time" -cf - "$name" |
    gzip -9n >".build/dist/$name.tar.gz"
rm -rf ".build/dist/$name"
echo ".build/dist/$name.tar.gz"
