# Two commands matter: `make demo` and `make test`. The others are the gate's parts.
SHELL := /bin/bash
.DEFAULT_GOAL := help
TARGET := $(or $(CARGO_TARGET_DIR),target)
TOOLS := $(TARGET)/tools/bin
METERSIDE := $(TARGET)/demo/meterside
export PATH := $(CURDIR)/$(TOOLS):$(TOOLS):$(PATH)

.PHONY: help demo site meterside test tools fmt clippy doc deny wasm unit size browser lighthouse events pay-ready rates clean-demo

help: ## lists these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: ## builds the portal, seeds the demo town and serves it
	@command -v cargo >/dev/null || { echo "Rust is needed: https://rustup.rs"; exit 1; }
	@command -v cc >/dev/null || { echo "A C compiler is needed: apt-get install gcc libc6-dev"; exit 1; }
	@if command -v rustup >/dev/null && ! rustup target list --installed | grep -q wasm32-unknown-unknown; then rustup target add wasm32-unknown-unknown; fi
	@$(MAKE) --no-print-directory -j2 site meterside
	@exec $(METERSIDE) demo --site $(TARGET)/site $(DEMO_ARGS)

# Niced a little: the server's last crates wait for one another, and what browsers download should be done by then, and not before.
site: ## builds what browsers download
	@cargo build --quiet --locked --profile demo -p bundler
	@nice -n 6 $(TARGET)/demo/bundler

meterside: ## builds the program as the demo runs it
	@cargo build --quiet --locked --profile demo -p server --bin meterside

test: ## runs the whole gate, on both database engines and in a real browser
	@.ci/gate

tools:
	@.ci/tools

fmt: ## checks the formatting
	@cargo fmt --all --check

# The frontend is left to `wasm`: beside the server it would switch the pages' browser half on in a native build.
clippy: ## checks the code, warnings are errors
	@cargo clippy --locked --workspace --exclude frontend --all-targets -- -D warnings

doc: ## checks the documentation, warnings are errors
	@RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --exclude frontend --no-deps --quiet

deny: tools ## checks licences, sources and duplicates of dependencies
	@cargo deny --log-level error check licenses bans sources
	@cargo deny --log-level error check advisories || [ -n "$(OFFLINE_ADVISORIES)" ] || echo "advisories: not checked or found, see above"

wasm: ## proves that the browser's crates compile for it
	@cargo check --locked --quiet --target wasm32-unknown-unknown -p domain -p contract -p charts -p frontend
	@cargo clippy --locked --quiet --target wasm32-unknown-unknown -p app -p frontend --features app/hydrate -- -D warnings

unit: tools ## runs the Rust tests on SQLite and PostgreSQL
	@TEST_POSTGRES_URL="$${TEST_POSTGRES_URL:-$$(.ci/postgres start)}" cargo nextest run --locked --workspace --exclude frontend --profile ci

size: site ## holds the download of residents to 250 kB
	@.ci/size $(TARGET)/site

browser: tools site meterside ## walks the pages in a real browser
	@.ci/browser $(ARGS)

lighthouse: tools site meterside ## measures the residents' pages as a phone sees them
	@.ci/lighthouse

events: tools site meterside ## measures what the chart costs the browser under a pointer
	@.ci/with-town node end2end/events.mjs

pay-ready: tools site meterside ## measures how soon the page for paying can be used on a slow phone
	@.ci/with-town node end2end/payready.mjs

rates: meterside ## holds the rating of bills against a public rate engine (needs Python and the network)
	@test -x $(TARGET)/tools/sam/bin/python || { python3 -m venv $(TARGET)/tools/sam && $(TARGET)/tools/sam/bin/pip install --quiet nrel-pysam==7.1.1.post1; }
	@$(TARGET)/tools/sam/bin/python end2end/rates/against_sam.py $(METERSIDE)

clean-demo: ## forgets the demo town
	@rm -rf demo-data
