#!/usr/bin/env bash
# Builds the client into target/site: compile for wasm32, bind, shrink, hash, compress. Needs `setup.sh client`.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
steps_total=3
[ -f target/toolchain.env ] || die "no compiler has been chosen for the client; run: make setup"
# shellcheck source=/dev/null
source target/toolchain.env

step "client: compiling for wasm32 with $CLIENT_RUST (cold: minutes)"
# A target directory of its own: the server may be built by another compiler, and each would undo the other's work.
env PATH="$CLIENT_PATH" CARGO_TARGET_DIR="$root_dir/target/client" "$CLIENT_CARGO" build --locked --package hydrate \
  --target wasm32-unknown-unknown --profile wasm-release

step "client: compiling the bundler"
# Always in this profile: without optimisation, compressing takes longer than compiling.
cargo build --locked --package bundle --profile demo

step "client: bundling"
# The optimiser is a Node script; Node need not be on the client compiler's path.
target/demo/bundle
