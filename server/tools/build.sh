#!/usr/bin/env bash
# Builds everything for use: build.sh release|demo. The server lands in target/release/nines or target/demo/nines.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
steps_total=3
profile=${1:-release}
case $profile in release | demo) ;; *) die "unknown profile '$profile'" "usage: server/tools/build.sh [release|demo]" ;; esac

step "set-up"
"$tools_dir/setup.sh" client postgres
step "client bundle"
"$tools_dir/build-client.sh"
step "server, profile $profile (cold: minutes)"
cargo build --locked --package server --profile "$profile"
printf '==> [%s] target/%s/nines and target/site are ready\n' "$(elapsed)" "$profile"
