// A closed period is over: what the stream tells is about the running one, and the page of the closed one takes nothing
// of it.
import { get, type SloStatus } from "../../fixtures/api";
import { follow } from "../../fixtures/stream";
import { expect, hydrated, test } from "../../fixtures/test";

const SLO = "warehouse-minutes";
/** Its service is probed every 5 s; each of the probes is told. */
const EVENTS = 3;

test("what is heard of the running month does not touch the page of a closed one", async ({ page, baseURL }) => {
  const base = `${baseURL}/api/v1/slos/${SLO}/status`;
  const begin = (await get<SloStatus>(base)).objectives[0]?.window.from ?? "";
  const closed = await get<SloStatus>(`${base}?window=closed&at=${begin}`);
  expect(closed.objectives[0]?.window.to).toBe(begin);

  await page.goto(`/slos/${SLO}?closed=${begin}`);
  await hydrated(page);
  const shown = () =>
    Promise.all([
      page.locator(".headline .mark").innerText(),
      page.locator("dl.stats").innerText(),
      page.locator("table.tiers, section.objective .stack table").first().innerText(),
      page.locator("figure:not(.sli) svg.geometry").innerHTML(),
      page.locator("figure:not(.sli) svg.axis-x").innerHTML(),
    ]);
  const before = await shown();
  const fresh = page.locator("header").getByText(/^Latest data/);
  const first = await fresh.innerText();

  const stop = new AbortController();
  let heard = 0;
  for await (const { kind, data } of follow(baseURL ?? "", stop.signal)) {
    if (kind === "slo" && (data as unknown as SloStatus).slo === SLO) heard += 1;
    if (heard === EVENTS) break;
  }
  stop.abort();
  await expect(fresh, "the page follows the stream").not.toHaveText(first);
  expect(await shown()).toEqual(before);
});
