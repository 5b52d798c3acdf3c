#!/usr/bin/env bash
# Tests what warehouses make of the snapshots: test.sh [duckdb] [postgres] [clickhouse] [spark] [dialects], all by
# default. Installs the engines it needs: from PyPI into a folder of its own below .build, from Debian's apt otherwise.
set -euo pipefail
cd "$(dirname "$0")/../.."

engines=("$@")
if [ "${#engines[@]}" -eq 0 ]; then engines=(duckdb postgres clickhouse spark dialects); fi
home="$PWD/.build/warehouse"

wants() {
    local engine
    for engine in "${engines[@]}"; do
        if [ "$engine" = "$1" ]; then return 0; fi
    done
    return 1
}

bash scripts/install-system-packages.sh warehouse "${engines[@]}"

# DuckDB's own client program comes from PyPI as well.
packages=()
if wants duckdb; then packages+=(duckdb duckdb-cli pytz); fi
if wants clickhouse; then packages+=(chdb); fi
if wants spark; then packages+=(pyspark); fi
if wants dialects; then packages+=(sqlglot); fi
if [ ! -x "$home/bin/python" ]; then python3 -m venv "$home"; fi
if [ "${#packages[@]}" -gt 0 ]; then
    "$home/bin/python" -m pip install --quiet --disable-pip-version-check "${packages[@]}"
fi

PATH="$home/bin:$PATH" PIPESNAP_BIN="${PIPESNAP_BIN:-$(swift build -c release --show-bin-path)}" \
    exec "$home/bin/python" scripts/warehouse/test_warehouse.py "${engines[@]}"
