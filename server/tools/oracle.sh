#!/usr/bin/env bash
# Compares the engine with the oracle in app/domain/oracle over a million random cases; ends with 1 on a mismatch.
#
# Arguments go to the program: `oracle.sh --cases 10000000 --seed 7 --all`, or `oracle.sh --case FILE` for one case as
# it was printed.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cargo build --locked --quiet --release --package oracle
if [ $# = 0 ]; then set -- --cases 1000000 --seed "$(date +%s)" --jobs "$(nproc)"; fi
exec target/release/oracle "$@"
