#!/usr/bin/env bash
# Every check that is not a test, the quick ones first; stops at the first that fails.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
steps_total=11

step "set-up"
"$tools_dir/setup.sh" client e2e lint
# shellcheck source=/dev/null
source target/toolchain.env

step "format"
cargo fmt --all --check || die "run: cargo fmt --all"

step "sources: SQL in the store only, no style attributes, file sizes"
"$tools_dir/check-sources.sh"

step "dependencies: licences, origins, banned crates, layers"
"$tools_dir/check-deps.sh"

step "clippy: native"
cargo clippy --locked --all-targets -- -D warnings

step "clippy: the application with the client's features"
cargo clippy --locked --package app --features hydrate -- -D warnings

step "clippy: the client for wasm32"
# By its own name, not as `cargo clippy`: cargo prefers what rustup put into its home, which is for another compiler.
if env PATH="$CLIENT_PATH" cargo-clippy --version >/dev/null 2>&1; then
  env PATH="$CLIENT_PATH" CARGO_TARGET_DIR="$root_dir/target/client" cargo-clippy clippy --locked --package hydrate \
    --target wasm32-unknown-unknown -- -D warnings
else
  note "SKIPPED: $CLIENT_RUST has no clippy here"
fi

step "docs"
RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps

step "user journeys: types"
(cd end2end && npx --no-install tsc --noEmit)

step "client bundle"
"$tools_dir/build-client.sh"

step "client size"
target/demo/bundle --check || die "the client is over its budget (app/hydrate/bundle/src/size.rs)"
printf '==> [%s] all checks passed\n' "$(elapsed)"
