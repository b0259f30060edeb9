// After a silence the page fetches its past anew. If it cannot, the old figures stay, and the page says how old they are.
import { get, type SloStatus } from "../../fixtures/api";
import { STREAM } from "../../fixtures/gateway";
import { expect, hydrated, test } from "../../fixtures/test";

const SLO = "search-availability";
/** So much later than the page's figures the stream goes on: far more than is told without a break. */
const SILENCE_MILLISECONDS = 600_000;
const MINUTE_MILLISECONDS = 60_000;

const instant = (milliseconds: number) => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");

test("a page that cannot fetch its past anew keeps the old and says how old it is", async ({ page, baseURL, watch }) => {
  watch.announce(/Failed to load resource|ERR_FAILED/);
  // Without the shared worker the page polls for itself, and its requests can be answered here.
  await page.addInitScript(() => Reflect.deleteProperty(window, "SharedWorker"));
  await page.clock.install();
  const status = await get<SloStatus>(`${baseURL}/api/v1/slos/${SLO}/status`);
  let silent = true;
  await page.route(`**${STREAM}`, async (route) => {
    const later = Date.parse(status.at) + (silent ? 0 : SILENCE_MILLISECONDS);
    const minute = Math.floor(later / MINUTE_MILLISECONDS) * MINUTE_MILLISECONDS;
    const point = { from: instant(minute), to: instant(later), good: 1, total: 1, coverage: 1, remaining_ratio: null, state: null };
    const build = await page.evaluate(() => document.documentElement.dataset["build"]);
    const events = [
      ["hello", { build, now: instant(later) }],
      ...(silent ? [] : [["slo", { ...status, at: instant(later), point }]]),
      ["heartbeat", { now: instant(later) }],
    ];
    const body = events.map(([kind, data]) => `event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`).join("");
    await route.fulfill({ contentType: "text/event-stream", body });
  });
  let refuses = true;
  const fetches: boolean[] = [];
  await page.route("**/fn/**", async (route) => {
    fetches.push(refuses);
    await (refuses ? route.abort() : route.continue());
  });

  await page.goto(`/slos/${SLO}`);
  await hydrated(page);
  const drawn = () => page.locator("figure:not(.sli) svg.geometry").innerHTML();
  const before = await drawn();
  const made = page.locator("details.computed summary .small");
  const old = await made.innerText();

  silent = false;
  await page.clock.fastForward("00:16");
  const band = page.getByRole("status").filter({ hasText: "could not be fetched" });
  await expect(band).toHaveText(/^Strips and charts are as of (\d+ \w+ )?\d\d:\d\d(:\d\d)? UTC\. Newer ones could not be fetched/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Search answers");
  await expect(made).toHaveText(old);
  expect(await drawn()).toBe(before);

  // It is tried again, not more often than it says.
  await page.clock.fastForward("00:20");
  expect(fetches).toEqual([true]);
  await page.clock.fastForward("00:15");
  await expect.poll(() => fetches).toEqual([true, true]);
  await expect(band).toBeVisible();

  refuses = false;
  await page.clock.fastForward("00:31");
  await expect(band).toHaveCount(0);
  await expect(made, "the page has new data").not.toHaveText(old);
  await expect(page.locator("svg.geometry .line").first()).toBeAttached();
  expect(fetches).toEqual([true, true, false]);

  // And the page goes on to other data as ever.
  await page.getByRole("navigation", { name: "Time range" }).getByRole("link", { name: "24 hours" }).click();
  await expect(page.locator("figure caption")).toContainText("Steps of 5 min,");
});
