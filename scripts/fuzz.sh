#!/usr/bin/env bash
# Feeds the page slicer with bytes chosen by which branches they reach (libFuzzer, which comes with Swift's toolchain),
# under the address sanitizer, and judges every answer by another parser. What reaches something new is kept.
# usage: fuzz.sh [minutes]
set -euo pipefail
cd "$(dirname "$0")/.."

minutes="${1:-1}"
[[ "$minutes" =~ ^[1-9][0-9]*$ ]] || { echo "usage: $0 [minutes]" >&2; exit 64; }
packed=Tests/PipedriveTests/Corpus/slicer.base64
build=.build/fuzz
longest_bytes=4096
patience_seconds=20
corpus="$build/corpus"
mkdir -p "$build"

flags=(-O -g -swift-version 6 -package-name pipesnap -parse-as-library -sanitize=fuzzer,address
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault)
# The slicer and what it is made of; nothing that reaches the network.
slicer_files=(
    Sources/Pipedrive/{PageSlicer,JSONScanner,JSONStrings,JSONText,JSONFault}.swift
    Sources/Pipedrive/{RecordMembers,SmallObject,FieldNames}.swift)

echo "building the fuzzer ..."
swiftc "${flags[@]}" -wmo -enable-testing -emit-module -emit-module-path "$build/Planning.swiftmodule" \
    -module-name Planning -c Sources/Planning/*.swift -o "$build/Planning.o"
swiftc "${flags[@]}" -wmo -enable-testing -I "$build" -emit-module -emit-module-path "$build/Pipedrive.swiftmodule" \
    -module-name Pipedrive -c "${slicer_files[@]}" -o "$build/Pipedrive.o"
swiftc "${flags[@]}" -emit-executable -wmo -I "$build" -emit-module-path "$build/Fuzzing.swiftmodule" \
    -module-name Fuzzing \
    Tests/Fuzzing/SlicerFuzzing.swift Tests/PipedriveTests/SlicerOracle.swift Tests/PipedriveTests/Pages.swift \
    -Xlinker "$build/Planning.o" -Xlinker "$build/Pipedrive.o" \
    -o "$build/slicer-fuzzer" 2> >(grep -v 'Cannot export local symbol' >&2)

# Seeds: every kind of page the tests know.
seeds="$build/seeds"
mkdir -p "$seeds" "$build/found"
cp -n Tests/Fuzzing/Seeds/* "$seeds"/
if [[ -d ../shared/json-conformance ]]; then cp -n ../shared/json-conformance/*.json "$seeds"/; fi
find "$seeds" -type f -size +4k -delete
rm -rf "$corpus" && mkdir -p "$corpus"
number=0
while read -r line; do
    number=$((number + 1))
    base64 -d <<<"$line" >"$corpus/$number"
done <"$packed"

echo "fuzzing for $minutes minutes ..."
timeout "$((minutes * 60 + 120))" "$build/slicer-fuzzer" -max_total_time="$((minutes * 60))" \
    -max_len="$longest_bytes" -timeout="$patience_seconds" -rss_limit_mb=1024 -detect_leaks=0 \
    -dict=Tests/Fuzzing/json.dict -artifact_prefix="$build/" -print_final_stats=1 \
    "$build/found" "$corpus" "$seeds" 2>&1 | tee "$build/log" |
    grep -E '^(INFO|Done|stat|oracle|==)|pulse|ERROR' || true
grep -q '^Done' "$build/log" || { tail -n 60 "$build/log" >&2; echo "the fuzzer found something" >&2; exit 1; }

echo "keeping the smallest files that reach everything ..."
merged="$build/merged"
rm -rf "$merged" && mkdir -p "$merged"
"$build/slicer-fuzzer" -merge=1 -max_len="$longest_bytes" -detect_leaks=0 "$merged" "$corpus" "$build/found" "$seeds" \
    2>&1 | grep -E 'MERGE-OUTER' | tail -n 2
for file in "$merged"/*; do base64 -w 0 "$file" && echo; done | grep . | LC_ALL=C sort -u >"$packed"
echo "$(wc -l <"$packed") inputs, $(du -sk "$packed" | cut -f1) kB in $packed"
