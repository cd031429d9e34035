# The few doors to Kontor: run, check, test, bench. Each installs first what it needs (scripts/setup.sh).

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: run check test bench bench-window ui lint types

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/kontor
TOOLS := $(or $(KONTOR_TOOLS),$(CACHE)/tools)
TARGET := $(or $(CARGO_TARGET_DIR),target)
export PATH := $(TOOLS)/bin:$(CACHE)/node/bin:$(PATH)
# CI builds exactly what is committed; at a desk cargo may complete the lock file.
LOCKED := $(if $(CI),--locked,)
# Everything, with the window's files built in. The same words everywhere, or cargo compiles everything once more.
ALL := $(LOCKED) --workspace --features kontor-desktop/custom-protocol

## The window on the demo, January 2013. FRESH=1 makes the demo anew.
run:
	@scripts/setup.sh build
	@$(MAKE) --no-print-directory ui
	@cargo build $(LOCKED) --package kontor-cli --package kontor-desktop --features kontor-desktop/custom-protocol
	@FRESH=$(FRESH) scripts/run.sh

## Fast feedback: format, lints, and the tests that need neither a database server nor a screen.
check: lint
	cd ui && npm test --silent
	cargo test $(ALL) --lib --bins

## Everything; what CI runs. The tests come last, and before them the program that the window's tests drive.
test:
	@scripts/setup.sh test
	@$(MAKE) --no-print-directory lint
	cd ui && npm test --silent
	RUSTDOCFLAGS="-D warnings" cargo doc $(ALL) --no-deps --quiet
	cargo deny $(LOCKED) --log-level error check licenses bans sources
	cargo build $(ALL) --bins --tests
	cargo test $(ALL)

lint:
	@scripts/setup.sh build
	@$(MAKE) --no-print-directory ui
	cargo fmt --all --check
	cargo clippy $(ALL) --all-targets -- -D warnings
	scripts/boundaries.sh
	cd ui && npm run check --silent

## What the window shows, as files (ui/dist). The desktop program does not compile without them.
ui: ui/dist/index.html

ui/node_modules/.installed: ui/package.json ui/package-lock.json ui/.npmrc
	cd ui && npm ci --no-fund --no-audit --loglevel error
	@touch $@

UI_SOURCES := $(shell find ui/src ui/messages ui/public ui/project.inlang -type f -not -path '*/paraglide/*' \
  -not -path '*/cache/*' -not -name '*.test.ts' -not -name '.*' -not -name README.md) \
  ui/index.html ui/vite.config.ts ui/svelte.config.js ui/tsconfig.json
ui/dist/index.html: ui/node_modules/.installed $(UI_SOURCES)
	cd ui && npm run build --silent -- --logLevel warn
	@touch $@

## The TypeScript of what crosses between window and office (ui/src/generated), written anew.
types:
	KONTOR_WRITE_TYPES=1 cargo test $(LOCKED) --package kontor-api --lib typescript

## Invoices per second, memory, and what a script with WeasyPrint reaches from the same data; checks beside bare SQL; causes.
bench:
	@scripts/setup.sh bench
	cargo build $(LOCKED) --release --package kontor-cli --bin kontor
	KONTOR_BIN="$(abspath $(TARGET))/release/kontor" KONTOR_BENCH_PYTHON="$(CACHE)/weasyprint/bin/python" \
	  cargo bench $(LOCKED) --package kontor-tests --bench pipeline
	KONTOR_BIN="$(abspath $(TARGET))/release/kontor" cargo bench $(LOCKED) --package kontor-tests --bench check
	KONTOR_BIN="$(abspath $(TARGET))/release/kontor" cargo bench $(LOCKED) --package kontor-tests --bench causes
	@$(MAKE) --no-print-directory bench-window

## How long a person waits at the real window, with ten thousand and with a million registrations, and its memory.
bench-window:
	@scripts/setup.sh test
	@$(MAKE) --no-print-directory ui
	cargo build $(LOCKED) --release --package kontor-cli --package kontor-desktop --bins \
	  --features kontor-desktop/custom-protocol
	KONTOR_BIN="$(abspath $(TARGET))/release/kontor" KONTOR_DESKTOP="$(abspath $(TARGET))/release/kontor-desktop" \
	  cargo bench $(LOCKED) --package kontor-tests --bench window
