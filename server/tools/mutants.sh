#!/usr/bin/env bash
# Plants the defects of app/domain/mutants into a copy of the engine, one at a time, and demands that each is caught:
# by the engine's own tests and goldens, or else by a short run of the oracle.
#
# Invariants: nothing outside target/mutants changes; ends with 1 if a defect survives or its patch no longer applies.
# Arguments name the mutants to try, by default all; `--quick` before them leaves the engine's own tests out. A mutant is caught by the oracle if the cases that differ are
# others than without it.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

oracle_cases=8000
build_seconds=600 # a mutant that hangs is caught, too
copy=$root_dir/target/mutants/copy
results=$root_dir/target/mutants/results
export CARGO_TARGET_DIR=$root_dir/target/mutants/build
export CARGO_PROFILE_DEV_OPT_LEVEL=1 CARGO_PROFILE_DEV_OVERFLOW_CHECKS=false CARGO_TERM_COLOR=never PROPTEST_CASES=64
# Without the directory name of the copy in it, a build of one mutant would stand for that of another.
export CARGO_INCREMENTAL=1

# A workspace of its own, of the engine and the oracle.
rm -rf "$copy"
mkdir -p "$copy/app" "$results"
cp -R app/domain "$copy/app/domain"
cp Cargo.lock clippy.toml "$copy/"
sed -E 's/^members = .*/members = ["app\/domain", "app\/domain\/oracle"]/; /^default-members = /d; /^(app|charts) = \{ path/d' \
  Cargo.toml >"$copy/Cargo.toml"

# Prints the first test that fails, or what went wrong before; fails if all is well.
caught_by_tests() {
  local log=$1 status=0 targets
  # What the tests inside catch needs no build of the others.
  for targets in --lib '--test=*'; do
    (cd "$copy" && timeout "$build_seconds" cargo test --quiet --offline --package domain --features engine "$targets") \
      >"$log" 2>&1 || status=$?
    [ "$status" = 0 ] || break
  done
  [ "$status" != 0 ] || return 1
  if grep -qE '^error(\[|: could not compile)' "$log"; then echo "does not compile"; return 0; fi
  # A golden names its script and line, a test itself.
  { grep -oE '^[a-z0-9_]+\.slo-test:[0-9]+: [a-z_]+' "$log"; sed -nE 's/^---- (.*) stdout ----$/\1/p' "$log"; } \
    | sed -n 1p | grep . || echo "exit code $status"
}

# The cases that differ, with the first field of each.
oracle_list() {
  (cd "$copy" && timeout "$build_seconds" cargo run --quiet --offline --package oracle -- \
    --cases "$oracle_cases" --seed 2026 --jobs "$(nproc)" --list) 2>"$1.log" | grep '^case ' | sort >"$1"
}

# Prints the first field that differs otherwise than without the mutant; fails if there is none.
caught_by_oracle() {
  local list=$1
  oracle_list "$list" || true
  if grep -qE '^error(\[|: could not compile)' "$list.log"; then echo "does not compile"; return 0; fi
  # `sed` reads to the end, where `head` would break the pipe.
  comm -13 "$results/baseline" "$list" | sort -n -k 2 | sed -nE '1s/^case ([0-9]+) (.*)/oracle: \2 (case \1)/p' | grep .
}

quick=
if [ "${1:-}" = --quick ]; then quick=yes && shift; fi

step "without a mutant"
if [ -n "$quick" ]; then
  tests_decide=
elif test=$(caught_by_tests "$results/baseline.tests"); then
  # What fails anyway proves nothing about a mutant.
  note "the engine's own tests fail as they are ($test): only the oracle decides"
  tests_decide=
else
  tests_decide=yes
fi
oracle_list "$results/baseline" || true
note "$(wc -l <"$results/baseline") of $oracle_cases cases differ as they are"

step "mutants"
survived=0
table=
for patch in app/domain/mutants/*.patch; do
  name=$(basename "$patch" .patch)
  if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then continue; fi
  rm -rf "$copy/app/domain/src"
  cp -R app/domain/src "$copy/app/domain/src"
  if ! patch --quiet --strip=1 --no-backup-if-mismatch --directory="$copy" <"$patch" >"$results/$name.patch.log" 2>&1; then
    verdict="DOES NOT APPLY"
  elif [ -n "$tests_decide" ] && verdict=$(caught_by_tests "$results/$name.tests"); then
    :
  elif verdict=$(caught_by_oracle "$results/$name"); then
    :
  else
    verdict="SURVIVES"
  fi
  case $verdict in "DOES NOT APPLY" | SURVIVES | "does not compile") survived=$((survived + 1)) ;; esac
  note "$(printf '%-34s %s' "$name" "$verdict")"
  table+=$(printf '%-34s %s' "$name" "$verdict")$'\n'
done
printf '%s' "$table" >"$results/table"

if [ "$survived" != 0 ]; then die "$survived mutant(s) survive, do not apply or do not compile; the table is in target/mutants/results"; fi
