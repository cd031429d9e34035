# The few doors to Kontor: run, check, test, bench. Each installs first what it needs (scripts/setup.sh).

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: run check test bench lint types

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/kontor
TOOLS := $(or $(KONTOR_TOOLS),$(CACHE)/tools)
TARGET := $(or $(CARGO_TARGET_DIR),target)
# CI builds exactly what is committed; at a desk cargo may complete the lock file.
LOCKED := $(if $(CI),--locked,)

## The demo: January 2013, its failed invoices rerun on the command line. FRESH=1 starts over.
run:
	@scripts/setup.sh build
	@cargo build $(LOCKED) --quiet --package kontor-cli --bin kontor
	@FRESH=$(FRESH) scripts/run.sh

## Fast feedback: format, lints, and the tests that need no database server.
check: lint
	cargo test $(LOCKED) --package kontor --package kontor-pdf --package kontor-migrations --package kontor-cli \
	  --package kontor-api

## Everything; what CI runs. The tests come last.
test: export PATH := $(TOOLS)/bin:$(PATH)
test:
	@scripts/setup.sh test
	@$(MAKE) --no-print-directory lint
	RUSTDOCFLAGS="-D warnings" cargo doc $(LOCKED) --workspace --no-deps --quiet
	cargo deny $(LOCKED) --log-level error check licenses bans sources
	cargo test $(LOCKED) --workspace

lint:
	@scripts/setup.sh build
	cargo fmt --all --check
	cargo clippy $(LOCKED) --workspace --all-targets -- -D warnings
	scripts/boundaries.sh

## The TypeScript of what crosses between window and office (ui/src/generated), written anew.
types:
	KONTOR_WRITE_TYPES=1 cargo test $(LOCKED) --package kontor-api --lib typescript

## Invoices per second, memory, and what a script with WeasyPrint reaches from the same data.
bench:
	@scripts/setup.sh bench
	cargo build $(LOCKED) --release --package kontor-cli --bin kontor
	KONTOR_BIN="$(abspath $(TARGET))/release/kontor" KONTOR_BENCH_PYTHON="$(CACHE)/weasyprint/bin/python" \
	  cargo bench $(LOCKED) --package kontor-tests --bench pipeline
