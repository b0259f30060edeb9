#!/usr/bin/env bash
# Gets the machine ready: setup.sh [PART...], by default all parts.
#
#   client    a Rust compiler for wasm32 and the wasm optimiser
#   postgres  PostgreSQL's server programs
#   browser   Chromium, for the user journeys
#   e2e       the npm packages of the user journeys
#   peers     Prometheus, which tests have write to us: unpacked below target, not installed
#   lint      rustfmt and clippy
#
# Invariants: does nothing where nothing is missing; never asks; one run at a time; the compiler it chose for the
# client stands in target/toolchain.env.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

rustup_seconds=60 # rustup hangs where it does not reach its server
wasm_target=wasm32-unknown-unknown
debian_rust=(rustc-web cargo-web rust-web-src rust-web-llvm lld-22)
node_least=20
rust_least=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)

if [ $# = 0 ]; then set -- client postgres browser e2e peers lint; fi
for part in "$@"; do
  case $part in
    client | postgres | browser | e2e | peers | lint) ;;
    *) die "unknown part '$part'" "usage: server/tools/setup.sh [client] [postgres] [browser] [e2e] [peers] [lint]" ;;
  esac
done
parts=("$@")

exec 9>target/setup.lock
flock --nonblock 9 || { note "another set-up is running; waiting for it"; flock 9; }

# --- client -----------------------------------------------------------------------------------------------------

# Whether the cargo on PATH, which is not Debian's, has a standard library for wasm32.
own_rust_has_wasm() {
  local library
  [ "$(command -v rustc)" != /usr/bin/rustc ] || return 1
  library=$(rustc --print target-libdir --target "$wasm_target" 2>/dev/null) && compgen -G "$library/libstd-*.rlib" >/dev/null
}

debian_rust_has_wasm() {
  [ -x /usr/bin/rustc ] && [ -x /usr/bin/cargo ] && command -v wasm-ld-22 >/dev/null && "$tools_dir/wasm-std.sh" --is-current
}

# choose_client WHO CARGO PATH: which compiler builds the client. A change of compiler or library empties its cache,
# because cargo does not notice another library under the same compiler.
choose_client() {
  local library identity
  library=$(env PATH="$3" rustc --print target-libdir --target "$wasm_target")
  identity="$(env PATH="$3" rustc --version) $(stat -c '%n %Y' "$library"/libstd-*.rlib)"
  mkdir -p target/client
  if [ "$identity" != "$(cat target/client/compiler 2>/dev/null || true)" ]; then
    rm -rf "target/client/$wasm_target"
    printf '%s\n' "$identity" >target/client/compiler
  fi
  printf 'CLIENT_RUST=%q\nCLIENT_CARGO=%q\nCLIENT_PATH=%q\n' "$1" "$2" "$3" >target/toolchain.env.new
  mv target/toolchain.env.new target/toolchain.env
}

# Where root is out of reach, says in one line all that root would have to do for all parts asked for, and stops.
root_or_one_line() {
  local missing=() line part
  if can_be_root; then return; fi
  for part in "${parts[@]}"; do
    case $part in
      client) own_rust_has_wasm || missing+=("${debian_rust[@]}") ;;
      lint) own_rust_has_wasm || missing+=("${debian_rust[@]}" rust-web-clippy) ;;
      postgres) postgres_bin >/dev/null || missing+=(postgresql) ;;
      browser) browser >/dev/null || missing+=(chromium fonts-liberation) ;;
      e2e | peers) ;;
    esac
  done
  mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
  line="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  case " ${missing[*]} " in *" rustc-web "*) line+=" && server/tools/wasm-std.sh" ;; esac
  die "this needs root, and sudo is absent or wants a password. Run this line here, then start again:" "sudo sh -c '$line'"
}

rustup_can_fetch() {
  command -v rustup >/dev/null && [ "${RUSTUP_AUTO_INSTALL:-1}" != 0 ] && [ "${CARGO_NET_OFFLINE:-false}" != true ]
}

ensure_compiler() {
  if own_rust_has_wasm; then
    choose_client "$(rustc --version)" "$(command -v cargo)" "$PATH"
    return
  fi
  if ! debian_rust_has_wasm; then
    step "Rust for $wasm_target"
    if rustup_can_fetch; then
      note "rustup target add $wasm_target (given up after $rustup_seconds s)"
      if timeout -k 5 "$rustup_seconds" rustup target add "$wasm_target" >target/setup-rustup.log 2>&1 && own_rust_has_wasm; then
        choose_client "$(rustc --version)" "$(command -v cargo)" "$PATH"
        return
      fi
      note "rustup could not fetch it; taking the distribution's compiler"
    else
      note "rustup is told to fetch nothing (or is not there); taking the distribution's compiler"
    fi
    root_or_one_line
    if ! dpkg -s "${debian_rust[@]}" >/dev/null 2>&1; then apt_install "${debian_rust[@]}"; fi
    local version
    version=$(/usr/bin/rustc --version | cut -d' ' -f2)
    if ! version_at_least "$version" "$rust_least"; then
      note "that is Rust $version; looking for a newer one"
      as_root apt-get update -qq
      apt_install "${debian_rust[@]}"
      version=$(/usr/bin/rustc --version | cut -d' ' -f2)
    fi
    version_at_least "$version" "$rust_least" \
      || die "the distribution's Rust is $version, the client needs $rust_least" \
        "Run 'rustup target add $wasm_target' where rustup reaches its server, or add Debian's security archive to apt."
    "$tools_dir/wasm-std.sh"
  fi
  choose_client "$(/usr/bin/rustc --version)" /usr/bin/cargo /usr/bin:/bin
}

# npm_packages DIRECTORY: what its lock file says, installed when that has changed.
npm_packages() {
  local stamp=$1/node_modules/.installed-from
  if cmp -s "$1/package-lock.json" "$stamp"; then return; fi
  step "npm packages in $1"
  local log=$root_dir/target/setup-npm.log
  (cd "$1" && npm ci --no-audit --no-fund --loglevel=error) >"$log" 2>&1 || { tail -20 "$log" >&2; die "npm ci failed in $1"; }
  cp "$1/package-lock.json" "$stamp"
}

ensure_node() {
  local version
  command -v node >/dev/null && command -v npm >/dev/null || die "Node.js $node_least or newer is needed, with npm"
  version=$(node --version)
  version_at_least "${version#v}" "$node_least" || die "Node.js $node_least or newer is needed; this is $version"
}

# --- the others -------------------------------------------------------------------------------------------------

ensure_postgres() {
  if postgres_bin >/dev/null; then return; fi
  step "PostgreSQL's server programs"
  [ -z "${NINES_POSTGRES_BIN:-}" ] || die "NINES_POSTGRES_BIN=$NINES_POSTGRES_BIN holds no 'initdb'; correct or unset it"
  root_or_one_line
  # Debian starts a cluster of its own on installation; nobody asked for that one.
  if ! dpkg -s postgresql-common >/dev/null 2>&1; then
    apt_install postgresql-common
    as_root sed -ri 's/^#?(create_main_cluster) .*/\1 = false/' /etc/postgresql-common/createcluster.conf
  fi
  apt_install postgresql
  postgres_bin >/dev/null || die "PostgreSQL was installed, but there is no 'initdb' in /usr/lib/postgresql/*/bin"
}

ensure_browser() {
  if browser >/dev/null; then return; fi
  step "Chromium, for the user journeys"
  [ -z "${CHROMIUM:-}" ] || die "CHROMIUM=$CHROMIUM is no program; correct or unset it"
  root_or_one_line
  # Without a font a page has boxes for letters, and every width is wrong.
  apt_install chromium fonts-liberation
}

ensure_peers() {
  if prometheus >/dev/null; then return; fi
  step "Prometheus, for tests"
  [ -z "${NINES_PROMETHEUS:-}" ] || die "NINES_PROMETHEUS=$NINES_PROMETHEUS is no program; correct or unset it"
  command -v apt-get >/dev/null || die "this machine has no apt-get; set NINES_PROMETHEUS to a Prometheus 2.42 or newer"
  local peers=$root_dir/target/peers log=$root_dir/target/setup-peers.log
  rm -rf "$peers"
  mkdir -p "$peers"
  # The package is unpacked and not installed: it would start a server of its own.
  if ! (cd "$peers" && apt-get download -qq prometheus) >"$log" 2>&1; then
    note "refreshing the package lists"
    as_root apt-get update -qq >>"$log" 2>&1 || true
    (cd "$peers" && apt-get download -qq prometheus) >>"$log" 2>&1 || { tail -20 "$log" >&2; die "prometheus could not be downloaded"; }
  fi
  dpkg -x "$peers"/prometheus_*.deb "$peers"
  rm -f "$peers"/prometheus_*.deb
  prometheus >/dev/null || die "the package prometheus holds no usr/bin/prometheus"
}

ensure_lint() {
  cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 \
    || die "rustfmt and clippy are needed; run: rustup component add rustfmt clippy"
  ensure_compiler
  # shellcheck source=/dev/null
  source target/toolchain.env
  if [ "$CLIENT_CARGO" = /usr/bin/cargo ] && [ ! -x /usr/bin/cargo-clippy ]; then
    step "clippy for the client's compiler"
    (apt_install rust-web-clippy) || note "not available; the client will not be linted for wasm32"
  fi
}

command -v cargo >/dev/null || die "cargo is needed: install Rust $rust_least or newer with rustup"
version_at_least "$(rustc --version | cut -d' ' -f2)" "$rust_least" \
  || die "Rust $rust_least or newer is needed; this is $(rustc --version)" "Run: rustup update stable"
command -v cc >/dev/null || die "a C compiler is needed; run: sudo apt-get install gcc libc6-dev"

for part in "$@"; do
  case $part in
    client) ensure_compiler; ensure_node; npm_packages app/hydrate ;;
    postgres) ensure_postgres ;;
    browser) ensure_browser ;;
    e2e) ensure_node; npm_packages end2end ;;
    peers) ensure_peers ;;
    lint) ensure_lint ;;
  esac
done
if [ "$step_number" = 0 ]; then
  printf '==> [%s] set-up: all there (%s)\n' "$(elapsed)" "$*"
else
  printf '==> [%s] set-up: done (%s)\n' "$(elapsed)" "$*"
fi
