# Everything by one command each. The work is done by the scripts in server/tools, which also run on their own.
#
# `target` is the one build directory; make it a link to move it. ARGS is handed to `nines demo`.

.DEFAULT_GOAL := help
.PHONY: help setup build demo dev test check bench oracle mutants prepare clean
ARGS ?=

help: ## List these targets
	@echo "usage: make TARGET"
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  \1\t\2/p' Makefile | expand -t 12

setup: ## Install what is missing: wasm32, PostgreSQL, Chromium, npm packages, linters
	@server/tools/setup.sh

build: ## Release binary target/release/nines, client bundle target/site
	@server/tools/build.sh release

demo: ## Build quickly and run the demo at http://127.0.0.1:3000 (ARGS="--listen ...")
	@server/tools/build.sh demo
	@exec target/demo/nines demo $(ARGS)

dev: ## Demo from a debug build, for work on the sources
	@server/tools/setup.sh client postgres
	@server/tools/build-client.sh
	@exec env CARGO_TARGET_DIR=$(CURDIR)/target cargo run --locked --package server -- demo $(ARGS)

test: ## All tests: packages, then user journeys in a browser
	@server/tools/test.sh

check: ## Format, clippy, docs, dependencies, source rules, client size
	@server/tools/check.sh

bench: ## Measure the release build: engine, storage, start, pages, memory
	@server/tools/bench.sh

oracle: ## Compare the engine with an independent oracle over a million random cases
	@server/tools/oracle.sh

mutants: ## Break the engine in fifty-odd ways and demand that a test notices each
	@server/tools/mutants.sh

prepare: ## Check all queries against a PostgreSQL and rewrite server/.sqlx
	@server/tools/prepare.sh

clean: ## Remove what was built, and the npm packages
	rm -rf target/* app/hydrate/node_modules end2end/node_modules end2end/test-results
