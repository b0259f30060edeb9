// What the overview costs whoever opens it: bytes and requests, not time, which a busy machine would rule.
import { Gateway, STREAM } from "../../fixtures/gateway";
import { expect, hydrated, test } from "../../fixtures/test";

/** The page itself, with the demo's ten objectives. */
const PAGE_KIBIBYTES_MAX = 24;
/** Page and style sheet: all that is needed to read it. */
const READABLE_KIBIBYTES_MAX = 32;
/** All that the client brings along, once; a second page finds it in the cache. */
const CLIENT_KIBIBYTES_MAX = 360;
/** Document and style sheet; with the client its script, glue and code, the worker and its stream. */
const [REQUESTS_WITHOUT, REQUESTS_WITH] = [2, 7];

/** A browser asks for it on its own account, or not. */
const isAsked = (path: string) => path !== "/favicon.svg" && path !== "/favicon.ico";

test("the overview keeps to its budget of bytes and requests", async ({ page, baseURL, watch, javaScriptEnabled }) => {
  const gateway = await Gateway.to(baseURL ?? "");
  watch.allowOrigin(gateway.url);
  const kibibytes = () => gateway.bytes / 1_024;

  await page.request.get(`${gateway.url}/`, { headers: { accept: "text/html", "accept-encoding": "br, gzip" } });
  expect(kibibytes(), "KiB of the page").toBeLessThan(PAGE_KIBIBYTES_MAX);

  const [asked, before] = [gateway.asked.length, gateway.bytes];
  await page.goto(`${gateway.url}/`, { waitUntil: "load" });
  if (javaScriptEnabled) {
    await hydrated(page);
    await expect.poll(() => gateway.streams).toBe(1);
  }
  const paths = gateway.asked.slice(asked).filter(isAsked);
  const most = javaScriptEnabled ? REQUESTS_WITH : REQUESTS_WITHOUT;
  expect(paths.length, `requests: ${paths.join(", ")}`).toBeLessThanOrEqual(most);
  const limit = READABLE_KIBIBYTES_MAX + (javaScriptEnabled ? CLIENT_KIBIBYTES_MAX : 0);
  expect((gateway.bytes - before) / 1_024, "KiB of everything").toBeLessThan(limit);

  if (javaScriptEnabled) {
    // To go on costs the next page's data only.
    const [on, then] = [gateway.asked.length, gateway.bytes];
    await page.locator("tbody.service").getByRole("link", { name: "Checkout", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Checkout");
    const more = gateway.asked.slice(on).filter((path) => path !== STREAM);
    expect(more.map((path) => path.split("?")[0])).toEqual(["/fn/service"]);
    expect((gateway.bytes - then) / 1_024, "KiB of the next page").toBeLessThan(PAGE_KIBIBYTES_MAX);
  }
  await gateway.close();
});
