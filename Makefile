# The verbs of the project. `make` alone lists them.
JOBS ?= 2
HOW ?= short
NIGHTS ?= 3000
LENGTH ?= 100
SEED ?= 1
WALKS ?= 1000
PERSONS ?= 100000
MINUTES ?= 60
RECORDS ?= 1000000
TOKENS ?= 20000
PREFIX ?= /usr/local
DESTDIR ?=
ONLY ?=
ROUNDS ?= 5
# With Swift's libraries inside, a cron host needs no toolchain, and a run takes five megabytes less.
STATIC ?= --static-swift-stdlib

.DEFAULT_GOAL := help
.PHONY: build test demo torture test-programs test-warehouse years shared-budget walks sweep backfill fuzz
.PHONY: bench bench-smoke install dist format lint check-imports clean help packages

build: packages ## build both programs for release, into .build/release
	swift build -c release -j $(JOBS) $(STATIC)

test: packages ## run every test, one after another, without network
	swift test -j $(JOBS) --no-parallel

demo: ## rehearse two nights against the simulator; needs no account
	bash scripts/demo.sh

torture: build ## kill the program at its system calls, damage every kind of file; HOW=full for all of it
	bash scripts/install-system-packages.sh torture
	python3 scripts/torture/torture.py $(HOW)
	python3 scripts/torture/damage.py $(HOW)

test-programs: build ## try the built programs: logins through OAuth, killed renewals, eight jobs at once, wrong days
	bash scripts/install-system-packages.sh programs
	python3 scripts/programs/programs.py $(ONLY)

test-warehouse: build ## load a lake into DuckDB, PostgreSQL, ClickHouse and Spark and compare; ENGINES="duckdb dialects"
	bash scripts/warehouse/test.sh $(ENGINES)

years: packages ## simulate NIGHTS=3000 nights in a release build; SEED=n STORY=1 tells one seed's nights
	swift build -c release -j $(JOBS) $(STATIC) --product Years
	SWIFT_DETERMINISTIC_HASHING=1 .build/release/Years --nights $(NIGHTS) --length $(LENGTH) --seed $(SEED) \
	  $(if $(STORY),--story) $(if $(BUDGET),--budget)

shared-budget: NIGHTS = 1000
shared-budget: packages ## simulate NIGHTS=1000 nights on a budget that other integrations draw from
	swift build -c release -j $(JOBS) $(STATIC) --product Years
	SWIFT_DETERMINISTIC_HASHING=1 .build/release/Years --nights 0 --shared $(NIGHTS) --length $(LENGTH) --seed $(SEED)

walks: packages ## pull lists that change between any two pages, WALKS=1000 times for each style of paging
	swift build -c release -j $(JOBS) $(STATIC) --product Years
	SWIFT_DETERMINISTIC_HASHING=1 .build/release/Years --walks $(WALKS) --seed $(SEED)

sweep: packages ## sweep PERSONS=100000 by their keys, killed at every page
	swift build -c release -j $(JOBS) $(STATIC) --product Years
	SWIFT_DETERMINISTIC_HASHING=1 .build/release/Years --sweep $(PERSONS)

backfill: packages ## pull a simulated company of a million records under 20,000 tokens a night; RECORDS and TOKENS
	swift build -c release -j $(JOBS) $(STATIC) --product Years
	.build/release/Years --backfill $$(( $(RECORDS) * 10 / 38 )) --tokens $(TOKENS)

fuzz: ## feed the page slicer with bytes that reach its every branch; MINUTES=60
	nice -n 19 bash scripts/fuzz.sh $(MINUTES)

bench: build ## measure speed, memory and size; ONLY="slicing start" for some, ROUNDS=5
	bash scripts/install-system-packages.sh bench
	python3 scripts/bench/bench.py --rounds $(ROUNDS) $(ONLY)

bench-smoke: build
	bash scripts/install-system-packages.sh bench
	python3 scripts/bench/bench.py --smoke $(ONLY)

install: ## install what was built, its manual page, completions and examples; PREFIX=/usr/local DESTDIR=
	scripts/dist/stage.sh $(DESTDIR)$(PREFIX)

dist: build ## make a tar of the same for hosts without Swift, and try it
	scripts/dist/dist.sh
	scripts/dist/try.sh

format: ## bring the sources into form
	swift format -i -r Sources Tests Package.swift

lint: ## complain about sources that are not in form
	swift format lint --strict -r Sources Tests Package.swift

check-imports: packages ## build, and refuse imports that Package.swift does not declare
	swift build --build-tests -j $(JOBS) --explicit-target-dependency-import-check error

clean: ## remove what was built, and the demo's output
	rm -rf .build output/demo

packages:
	@bash scripts/install-system-packages.sh build

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile
