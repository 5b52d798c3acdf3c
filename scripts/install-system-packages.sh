#!/usr/bin/env bash
# Installs what is missing of the system: `build` for what the build links against, `demo`, `torture` and
# `bench` for what those call as well, `warehouse ENGINE …` for engines that Debian has. Says and does
# nothing when all is there.
set -euo pipefail

missing=()

# need_header FILE PACKAGE, need_command NAME PACKAGE: looks for the thing itself rather than for Debian's
# package, so that a machine that has it from elsewhere is left alone.
need_header() {
    local folder
    for folder in /usr/include /usr/local/include; do
        if [ -e "$folder/$1" ]; then return; fi
    done
    missing+=("$2")
}
need_command() {
    if ! command -v "$1" >/dev/null 2>&1; then missing+=("$2"); fi
}

case "${1:-build}" in
build | demo | torture | programs | bench | warehouse) ;;
*)
    echo "usage: $0 [build|demo|torture|programs|bench|warehouse ENGINE ...]" >&2
    exit 64
    ;;
esac

need_header sqlite3.h libsqlite3-dev
need_header zlib.h zlib1g-dev
need_command pkg-config pkg-config
if [ "${1:-build}" = demo ]; then need_command faketime faketime; fi
if [ "${1:-build}" = programs ]; then
    need_command python3 python3
    need_command faketime faketime
fi
if [ "${1:-build}" = torture ]; then
    need_command python3 python3
    need_command faketime faketime
fi
if [ "${1:-build}" = demo ]; then need_command sqlite3 sqlite3; fi
if [ "${1:-build}" = bench ]; then
    need_command python3 python3
    need_command curl curl
    need_command cc gcc
    need_command c++ g++
    need_header simdjson.h libsimdjson-dev
fi
if [ "${1:-build}" = warehouse ]; then
    need_command python3 python3
    need_command faketime faketime
    python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
    for engine in "${@:2}"; do
        case "$engine" in
        postgres) [ -d /usr/lib/postgresql ] || missing+=(postgresql) ;;
        spark) [ -d /usr/lib/jvm/java-17-openjdk-amd64 ] || missing+=(openjdk-17-jre-headless) ;;
        esac
    done
fi

if [ "${#missing[@]}" -eq 0 ]; then exit 0; fi

if ! command -v apt-get >/dev/null 2>&1; then
    echo "Missing on this system: ${missing[*]} (Debian's names), and there is no apt-get to install them;" \
        "please install them by hand and run this again." >&2
    exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "Missing on this system: ${missing[*]}; please have root run: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi

echo "Installing ${missing[*]} ..." >&2
# Without questions, since this also runs where nobody can answer.
${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
