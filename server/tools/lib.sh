# What the scripts beside this file share: talking to people, root, packages. Sourced, never run.
#
# Invariants: the caller stands in the repository's root afterwards; `target` is the one build directory (link it
# elsewhere to move it); nothing here asks a question.

set -euo pipefail

tools_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$tools_dir/../.."
root_dir=$PWD
# A directory set by the user's shell would take `target/release/nines` and `target/site` away from where we say they are.
export CARGO_TARGET_DIR=$root_dir/target
mkdir -p target/

started=$SECONDS

elapsed() {
  local seconds=$((SECONDS - started))
  printf '%d:%02d' $((seconds / 60)) $((seconds % 60))
}

# A numbered step: `steps_total` may be set beforehand, then "2/5" says how far we are.
step_number=0
step() {
  step_number=$((step_number + 1))
  printf '==> [%s] %s%s: %s\n' "$(elapsed)" "$step_number" "${steps_total:+/$steps_total}" "$*"
}

note() { printf '    %s\n' "$*"; }

# die MESSAGE [WHAT TO DO...]: each further argument is a line of its own.
die() {
  printf 'error: %s\n' "$1" >&2
  shift
  local line
  for line in "$@"; do printf '       %s\n' "$line" >&2; done
  exit 1
}

# Whether `as_root` can do anything.
can_be_root() { [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }; }

# as_root COMMAND...: as root, through a sudo that asks nothing. A daemon that a package starts must not inherit the
# set-up's lock, hence the closed descriptor.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@" 9>&-
  elif can_be_root; then
    sudo -n "$@" 9>&-
  else
    die "this step needs root, and sudo is absent or wants a password. Run this line, then start again:" \
      "sudo $(printf '%q ' "$@")"
  fi
}

# apt_install PACKAGE...: refreshes the package lists only when they do not know a package or are out of date.
apt_install() {
  command -v apt-get >/dev/null || die "this machine has no apt-get; install the equivalent of: $*"
  local package unknown=
  for package in "$@"; do
    apt-cache show --no-all-versions "$package" >/dev/null 2>&1 || unknown=yes
  done
  local lock=-oDPkg::Lock::Timeout=300
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$lock" "$@")
  local log
  log=$(mktemp)
  if [ -n "$unknown" ]; then
    note "refreshing the package lists"
    as_root apt-get update -qq "$lock" >"$log" 2>&1 || { cat "$log" >&2; rm -f "$log"; die "apt-get update failed"; }
  fi
  note "installing $*"
  if ! as_root "${install[@]}" >"$log" 2>&1; then
    note "that failed; refreshing the package lists and trying once more"
    as_root apt-get update -qq "$lock" >"$log" 2>&1 || true
    as_root "${install[@]}" >"$log" 2>&1 || { tail -20 "$log" >&2; rm -f "$log"; die "could not install: $*"; }
  fi
  rm -f "$log"
}

# version_at_least HAVE WANT
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# Prints the directory of PostgreSQL's server binaries, the newest first found; fails when there is none.
postgres_bin() {
  local directory
  if [ -n "${NINES_POSTGRES_BIN:-}" ]; then
    [ -x "$NINES_POSTGRES_BIN/initdb" ] && echo "$NINES_POSTGRES_BIN" && return
    return 1
  fi
  if command -v initdb >/dev/null && command -v postgres >/dev/null; then
    dirname "$(readlink -f "$(command -v initdb)")" && return # the other programs are beside the real one
  fi
  while read -r directory; do
    [ -x "$directory/initdb" ] && [ -x "$directory/postgres" ] && echo "$directory" && return
  done < <(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV)
  return 1
}

# Prints the Prometheus that tests have write to us; its own service is never started.
prometheus() {
  local program
  if [ -n "${NINES_PROMETHEUS:-}" ]; then [ -x "$NINES_PROMETHEUS" ] && echo "$NINES_PROMETHEUS" && return; return 1; fi
  for program in "$root_dir/target/peers/usr/bin/prometheus" /usr/bin/prometheus; do
    [ -x "$program" ] && echo "$program" && return
  done
  return 1
}

# Prints the browser that the user journeys run in.
browser() {
  local name
  if [ -n "${CHROMIUM:-}" ]; then [ -x "$CHROMIUM" ] && echo "$CHROMIUM" && return; return 1; fi
  for name in chromium chromium-browser google-chrome; do
    command -v "$name" && return
  done
  return 1
}
