// One live stream for all tabs of a browser: a shared worker that holds the only EventSource and relays its events.
// A tab gets {type, data} with data as text; it sends "bye" when it goes and "hello" when it comes back.
const STREAM = "/api/v1/stream";
const EVENTS = ["hello", "service", "slo", "heartbeat", "bye"];
const FIRST_PAUSE = 1_000; // milliseconds before the first attempt to connect again
const LONGEST_PAUSE = 30_000; // no attempt waits longer, before jitter
const SILENCE = 45_000; // milliseconds without any event after which a connection is taken for dead
const MOST_REMEMBERED = 20_000; // objects whose latest event is kept for new tabs

const ports = new Set();
const latest = new Map();
let source = null;
let timer = null;
let watchdog = null;
let pause = FIRST_PAUSE;

function relay(type, data) {
  for (const port of ports) port.postMessage({ type, data });
}

function keyOf(type, data) {
  if (type === "hello" || type === "heartbeat") return type;
  try {
    const value = JSON.parse(data);
    return `${type} ${type === "slo" ? value.slo : value.name}`;
  } catch {
    return null;
  }
}

function receive(type, data) {
  watch();
  if (type === "hello") latest.clear();
  if (type === "heartbeat") pause = FIRST_PAUSE;
  if (type !== "bye") {
    const key = keyOf(type, data);
    if (key === null) return;
    if (latest.has(key) || latest.size < MOST_REMEMBERED) latest.set(key, { type, data });
  }
  relay(type, data);
  if (type === "bye") again();
}

function watch() {
  clearTimeout(watchdog);
  watchdog = setTimeout(again, SILENCE);
}

function connect() {
  clearTimeout(timer);
  timer = null;
  if (source || ports.size === 0) return;
  source = new EventSource(STREAM);
  for (const type of EVENTS) source.addEventListener(type, (event) => receive(type, event.data));
  source.onerror = again;
  watch();
}

function disconnect() {
  clearTimeout(watchdog);
  source?.close();
  source = null;
}

// The pause doubles, and jitter keeps many browsers from coming back in the same instant.
function again() {
  disconnect();
  if (timer !== null || ports.size === 0) return;
  timer = setTimeout(connect, pause * (0.5 + Math.random()));
  pause = Math.min(pause * 2, LONGEST_PAUSE);
}

// What is known is told in the order of the stream: hello first, the heartbeat last.
function greet(port) {
  const { hello, heartbeat } = Object.fromEntries(["hello", "heartbeat"].map((key) => [key, latest.get(key)]));
  if (hello) port.postMessage(hello);
  for (const [key, event] of latest) if (key !== "hello" && key !== "heartbeat") port.postMessage(event);
  if (heartbeat) port.postMessage(heartbeat);
}

function join(port) {
  ports.add(port);
  // Remembered events speak of now only while the stream runs.
  if (source) greet(port);
  else connect();
}

function leave(port) {
  ports.delete(port);
  if (ports.size > 0) return;
  clearTimeout(timer);
  timer = null;
  disconnect();
  latest.clear();
  pause = FIRST_PAUSE;
}

self.onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => (data === "bye" ? leave(port) : join(port));
  join(port);
};
