// Ten thousand page loads that the client cuts off must leave no trace in the server's memory.
//
// Raw sockets, because a browser and an HTTP library both finish what they begin.
import { readFile } from "node:fs/promises";
import { connect } from "node:net";

import { DEMO_PID, DEMO_URL } from "./fixtures/demo";
import { expect, test } from "./fixtures/test";

const LOADS = 10_000;
/** By then caches, pools and arenas have their size. */
const SETTLED_AFTER = 2_000;
const CONCURRENCY = 8;
const GROWTH_MEBIBYTES_MAX = 8;
/** A load that hangs is no load. */
const LOAD_MILLISECONDS = 30_000;
const TEST_MILLISECONDS = 30 * 60_000;
/** The three kinds of page. */
const PATHS = ["/", "/services/checkout", "/slos/search-availability"];
const PAGE_BYTES = 4_096;

/** Asks for a page and goes away: at once, after a few hundred bytes, or in mid-answer. */
function cutOff(url: URL, load: number): Promise<void> {
  const path = PATHS[load % PATHS.length] ?? "/";
  const enough = [0, 300, 20_000][Math.floor(load / PATHS.length) % 3] ?? 0;
  return new Promise((done, fail) => {
    const socket = connect(Number(url.port), url.hostname);
    socket.setTimeout(LOAD_MILLISECONDS, () => socket.destroy(new Error(`${path} did not answer`)));
    let read = 0;
    const go = () => socket.destroy();
    socket.once("connect", () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\nAccept: text/html\r\n\r\n`);
      // Long enough for the request to be read, too short for an answer.
      if (enough === 0) setTimeout(go, load % 5);
    });
    socket.on("data", (bytes) => {
      read += bytes.length;
      if (read >= enough) go();
    });
    socket.once("error", fail);
    socket.once("close", () => done());
  });
}

async function residentMebibytes(pid: number): Promise<number> {
  const pages = Number((await readFile(`/proc/${pid}/statm`, "utf8")).split(" ")[1]);
  return (pages * PAGE_BYTES) / 1_048_576;
}

test("ten thousand loads that are cut off leave no memory behind", async () => {
  test.setTimeout(TEST_MILLISECONDS);
  const [url, pid] = [new URL(process.env[DEMO_URL] ?? ""), Number(process.env[DEMO_PID])];
  let next = 0;
  const load = async (until: number) => {
    const worker = async () => {
      while (next < until) {
        next += 1;
        await cutOff(url, next);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    // Renders whose client has gone may still be under way.
    await new Promise((done) => setTimeout(done, 2_000));
    return residentMebibytes(pid);
  };
  const settled = await load(SETTLED_AFTER);
  const end = await load(LOADS);
  const growth = end - settled;
  console.log(
    `resident after ${SETTLED_AFTER} loads ${settled.toFixed(1)} MiB, after ${LOADS} ${end.toFixed(1)} MiB: ` +
      `${growth.toFixed(1)} MiB more, ${GROWTH_MEBIBYTES_MAX} allowed`,
  );
  expect(growth).toBeLessThanOrEqual(GROWTH_MEBIBYTES_MAX);
});
