#!/usr/bin/env bash
# Measures the engine by itself, slices in PostgreSQL, then the release build on the demo estate: time to the first page, the overview's
# latency, memory in use and memory that page loads leave behind.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
steps_total=6
listen=${NINES_BENCH_LISTEN:-127.0.0.1:3999}
ready_seconds=60

step "build"
"$tools_dir/build.sh" release
"$tools_dir/setup.sh" browser e2e

step "engine"
cargo bench --locked --quiet --package domain --features engine --bench engine | sed 's/^/    /'

step "slices in PostgreSQL (minutes)"
cargo bench --locked --quiet --package server --bench storage | sed 's/^/    /'

step "start"
data=$(mktemp -d /tmp/nines-bench.XXXXXX)
if [ "$(id -u)" = 0 ]; then chmod 755 "$data"; fi
target/release/nines demo --listen "$listen" --data-dir "$data/data" >"$data/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$data"' EXIT
# Milliseconds, because the promise is about seconds.
begin=$(date +%s%3N)
until curl --silent --fail --max-time 5 --output /dev/null "http://$listen/"; do
  kill -0 "$server" 2>/dev/null || { cat "$data/log" >&2; die "the server ended"; }
  [ $(($(date +%s%3N) - begin)) -lt $((ready_seconds * 1000)) ] || { cat "$data/log" >&2; die "no page within $ready_seconds s"; }
  sleep 0.05
done
note "first page after $(($(date +%s%3N) - begin)) ms"

step "overview, 4 connections, while history fills in"
node --input-type=module - "$listen" <<'JS'
import http from "node:http";
const [host, port] = process.argv[2].split(":");
const REQUESTS = 2000, CONNECTIONS = 4;
const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const get = () => new Promise((resolve, reject) => {
  const begin = performance.now();
  http.get({ host, port, path: "/", agent }, (response) => {
    let bytes = 0;
    response.on("data", (chunk) => { bytes += chunk.length; });
    response.on("end", () => response.statusCode === 200
      ? resolve({ milliseconds: performance.now() - begin, bytes }) : reject(new Error(`status ${response.statusCode}`)));
  }).on("error", reject);
});
const results = [];
const begin = performance.now();
await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
  for (let sent = 0; sent < REQUESTS / CONNECTIONS; sent += 1) results.push(await get());
}));
const seconds = (performance.now() - begin) / 1000;
const sorted = results.map((result) => result.milliseconds).sort((a, b) => a - b);
const at = (share) => sorted[Math.ceil(sorted.length * share) - 1].toFixed(1);
console.log(`    ${(REQUESTS / seconds).toFixed(0)} pages/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${results[0].bytes} bytes each`);
agent.destroy();
JS
note "resident memory $(awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$server/status") MiB"

step "memory after 10,000 page loads that the client cuts off (minutes)"
kill "$server"
wait "$server" 2>/dev/null || true
(cd end2end && NINES_RUN=leak NINES_BIN="$root_dir/target/release/nines" NINES_SITE="$root_dir/target/site" \
  npx --no-install playwright test)
