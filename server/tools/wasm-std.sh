#!/usr/bin/env bash
# Gives Debian's Rust compiler a standard library for wasm32-unknown-unknown, which Debian ships as source only.
#
# Invariants: the library is put in place whole, by a rename, with a stamp that names the compiler; a compiler of
# another version, or another recipe, builds it anew.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

target=wasm32-unknown-unknown
home=/usr/lib/rustlib/$target
# Bitcode, because the client is linked with link-time optimisation, which wants it in the library as well.
flags='-C embed-bitcode=yes'
stamp="$(/usr/bin/rustc --version) | $flags"

if [ "${1:-}" = --is-current ]; then
  [ -f "$home/nines-stamp" ] && [ "$(cat "$home/nines-stamp")" = "$stamp" ] && compgen -G "$home/lib/libstd-*.rlib" >/dev/null
  exit
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/nines-wasm-std.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/crate/src" "$work/lib"
printf '[package]\nname = "seed"\nversion = "0.0.0"\nedition = "2024"\n[lib]\ncrate-type = ["cdylib"]\n' >"$work/crate/Cargo.toml"
printf '//! A seed: the standard library is what is wanted.\n' >"$work/crate/src/lib.rs"

note "building the standard library for $target with $(/usr/bin/rustc --version | cut -d' ' -f1,2) (about a minute)"
# Debian's own cargo and rustc, whatever else is installed; the variable admits `build-std` on a stable compiler.
(cd "$work/crate" && env -u RUSTUP_TOOLCHAIN PATH=/usr/bin:/bin RUSTC_BOOTSTRAP=1 RUSTFLAGS="$flags" \
  CARGO_TARGET_DIR="$work/target" /usr/bin/cargo build --quiet --release --target "$target" -Z build-std=std,panic_abort) \
  || die "the standard library for $target did not build" \
    "Alternatively run 'rustup target add $target' where rustup reaches its server, and start again."
cp "$work/target/$target/release/deps/"*.rlib "$work/lib/"
rm -f "$work/lib/"libseed*
compgen -G "$work/lib/libstd-*.rlib" >/dev/null || die "the build left no standard library in $work"
printf '%s\n' "$stamp" >"$work/nines-stamp"

note "putting it into $home"
# shellcheck disable=SC2016  # expanded by the inner shell
as_root sh -euc '
  mkdir -p "$2"
  rm -rf "$2/lib.new" "$2/lib.old"
  cp -r "$1/lib" "$2/lib.new"
  chmod -R u=rwX,go=rX "$2/lib.new"
  if [ -d "$2/lib" ]; then mv "$2/lib" "$2/lib.old"; fi
  mv "$2/lib.new" "$2/lib"
  cp "$1/nines-stamp" "$2/nines-stamp"
  chmod 644 "$2/nines-stamp"
  rm -rf "$2/lib.old"
' install "$work" "$home"
