#!/usr/bin/env bash
# Rules about the text of our sources that no lint can hold.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

longest_lines=500 # without tests; past this a file holds two ideas
long_lines=300    # past this, look whether it does
failures=0

fail() {
  printf '    %s\n' "$@" >&2
  failures=$((failures + 1))
}

# refuse WHAT PATTERN PATH...: no line of code (comments may speak of it) may match.
refuse() {
  local what=$1 pattern=$2 found
  shift 2
  found=$(grep -rnE --include='*.rs' "$pattern" "$@" | grep -vE '^[^:]+:[0-9]+: *//' || true)
  if [ -n "$found" ]; then fail "$what:" "$found"; fi
}

mapfile -t outside_store < <(find app server/src -name '*.rs' -not -path '*/node_modules/*' -not -path 'server/src/store/*' \
  -not -path server/src/store.rs)
refuse "SQL belongs in server/src/store" \
  'sqlx::query|\bquery(_as|_scalar|_file)?!\(|QueryBuilder|AssertSqlSafe|"[^"]*\b(SELECT .* FROM|INSERT INTO|UPDATE .* SET|DELETE FROM)\b' \
  "${outside_store[@]}"
# `style:left=..` is a style attribute when the server renders it, and a property when the client sets it: it may stand
# only where nothing is rendered before the client runs.
client_only=app/src/chart/cursor.rs
refuse "the content security policy forbids style attributes; use a class" '(^|[^-_[:alnum:]])style=' app/src
mapfile -t server_rendered < <(find app/src -name '*.rs' -not -path "$client_only")
refuse "rendered by the server this is a style attribute; use a class" '(^|[^-_[:alnum:]])style:[a-z-]+=' "${server_rendered[@]}"
mapfile -t unrouted < <(find server/src/http server/src/http.rs -name '*.rs' -not -name routes.rs -not -name deadline.rs)
refuse "a route belongs into the table of server/src/http/routes.rs, with what it asks of its callers" \
  '\.(route|route_service|nest|nest_service)\(' "${unrouted[@]}"
mod_files=$(find app server -name mod.rs -not -path '*/node_modules/*')
if [ -n "$mod_files" ]; then fail "write foo.rs beside foo/ instead of:" "$mod_files"; fi
refuse "use #[expect(lint, reason = \"...\")]" '#!?\[allow\(' app server
# Without one Leptos hashes the directory that it was built in into the path, and client and server disagree.
pathless=$(grep -rnE --include='*.rs' '^ *#\[server\b' app/src | grep -v 'endpoint = ' || true)
if [ -n "$pathless" ]; then fail "give the server function an explicit endpoint:" "$pathless"; fi
refuse "a stub" '\b(todo|unimplemented)!\(|\bTODO\b|\bFIXME\b' app server

# Lines of each file up to its inline tests; files of tests are not counted.
sizes=$(find app server -name '*.rs' -not -path '*/node_modules/*' -not -path '*/tests/*' -not -name tests.rs -print0 \
  | xargs -0 awk 'FNR == 1 { counting = 1 } /^mod tests \{/ { counting = 0 } counting { lines[FILENAME]++ }
                  END { for (file in lines) print lines[file], file }' | sort -n)
count=$(wc -l <<<"$sizes")
median=$(sed -n "$(((count + 1) / 2))p" <<<"$sizes" | cut -d' ' -f1)
note "$count Rust files, median $median lines without tests"
while read -r lines file; do
  if [ "$lines" -gt "$longest_lines" ]; then
    fail "$file: $lines lines, more than $longest_lines: split it"
  elif [ "$lines" -gt "$long_lines" ]; then
    note "long: $file: $lines lines; do two ideas meet in it?"
  fi
done <<<"$sizes"

if [ "$failures" != 0 ]; then die "$failures rule(s) broken"; fi
