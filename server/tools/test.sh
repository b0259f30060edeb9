#!/usr/bin/env bash
# Runs all tests: the packages' own, then the user journeys in a browser against the same build of the server.
#
# Invariant: ends with the summaries that cargo and Playwright print, and with their verdict as exit code.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
steps_total=4

step "set-up"
"$tools_dir/setup.sh" client postgres browser e2e peers
NINES_POSTGRES_BIN=$(postgres_bin)
CHROMIUM=$(browser)
NINES_PROMETHEUS=$(prometheus)
export NINES_POSTGRES_BIN CHROMIUM NINES_PROMETHEUS

step "packages: cargo test (with a PostgreSQL that the tests start)"
native=0
# Through a file and not a pipe, so that the colours go and the exit code stays.
cargo test --locked --no-fail-fast 2>&1 | tee target/test-packages.log || native=$?

step "client bundle"
"$tools_dir/build-client.sh"

step "user journeys: Playwright in $CHROMIUM"
journeys=0
# The server that cargo test has built: another profile would be another build of everything.
cargo build --locked --package server --bin nines
cargo build --locked --package charts --example draw
(cd end2end && NINES_BIN="$root_dir/target/debug/nines" NINES_SITE="$root_dir/target/site" npx --no-install playwright test) \
  2>&1 | tee target/test-journeys.log || journeys=$?

# The summary: cargo's line for each test binary, then what Playwright says after its last test.
printf '\n==> [%s] summary\n' "$(elapsed)"
sed -nE 's/^ +Running (.*) \(.*\/([a-z0-9_]+)-[0-9a-f]+\)$/\2: \1/p; s/^ +Doc-tests (.*)$/doc-tests \1/p; /^test result:/p; /^test .* FAILED$/p' target/test-packages.log
grep -E '^ +[0-9]+ (passed|failed|flaky|skipped|interrupted|did not run)' target/test-journeys.log || true
if [ "$native" != 0 ] || [ "$journeys" != 0 ]; then
  die "tests failed (cargo test: $native, Playwright: $journeys)"
fi
