// An objective by the calendar: the running period, and the ones before it, as links.
import { get, type SloStatus, STATE_WORDS } from "../../../fixtures/api";
import { monthBegin, PARCELS } from "../../../fixtures/known";
import { expect, known as test, type Page } from "../../../fixtures/test";

const ADDRESS = "/slos/parcels";

const periods = (page: Page) => page.getByRole("navigation", { name: "Period" });
const label = (page: Page) => periods(page).locator("b");
const stat = (page: Page, place: number) => page.locator("dl.stats .stat").nth(place).locator("b");
const instant = (milliseconds: number) => new Date(milliseconds).toISOString().replace(".000Z", "Z");
const month = (milliseconds: number) =>
  new Date(milliseconds).toLocaleDateString("en-US", { month: "long", year: "numeric", timeZone: "UTC" });

/** Follows a link of the navigation, and waits for the period that it leads to. */
async function follow(page: Page, link: string, to: number): Promise<void> {
  await periods(page).getByRole("link", { name: link }).click();
  await expect(label(page)).toHaveText(month(to));
}

test("from the running month to the ones before it and back to now", async ({ page, baseURL }) => {
  // The month that the server runs in; the estate's data may end in the one before by a minute.
  const { at, objectives } = await get<SloStatus>(`${baseURL}/api/v1/slos/parcels/status`);
  const [now, last, before, empty] = [0, 1, 2, 3].map((back) => monthBegin(Date.parse(at), back)) as [number, number, number, number];
  await page.goto(ADDRESS);
  await expect(label(page)).toHaveText(month(now));
  await expect(periods(page)).toContainText("running");
  await expect(periods(page).getByRole("link", { name: /Next|Running/ }), "nothing comes after now").toHaveCount(0);
  await expect(page.locator(".headline .mark")).toHaveText(STATE_WORDS[objectives[0]?.state ?? "no_data"]);

  // 20 of 1,000 are bad where 10 are allowed: twice the budget.
  expect(PARCELS.lastMonth).toBe(20);
  await follow(page, "Previous period", last);
  await expect(page).toHaveURL(new RegExp(`\\?closed=${instant(now)}$`));
  await expect(periods(page)).toContainText("closed");
  await expect(stat(page, 0)).toHaveText("98.0 %");
  await expect(stat(page, 1)).toHaveText("−100 %");
  await expect(page.locator(".headline .mark")).toHaveText("Breached");

  // 1 of 1,000 is bad: a tenth of the budget.
  expect(PARCELS.monthBefore).toBe(1);
  await follow(page, "Previous period", before);
  await expect(page).toHaveURL(new RegExp(`\\?closed=${instant(last)}$`));
  await expect(stat(page, 0)).toHaveText("99.9 %");
  await expect(stat(page, 1)).toHaveText("90 %");
  await expect(page.locator(".headline .mark")).toHaveText("Met");
  const closed = await get<SloStatus>(`${baseURL}/api/v1/slos/parcels/status?window=closed&at=${instant(last)}`);
  expect(closed.objectives[0]?.window).toMatchObject({ from: instant(before), to: instant(last) });
  const hours = (last - before) / 3_600_000;
  expect(closed.objectives[0]).toMatchObject({ bad: hours * PARCELS.monthBefore, total: hours * PARCELS.hourly });

  // Nothing had been measured yet: neither good nor bad.
  await follow(page, "Previous period", empty);
  await expect(stat(page, 0)).toHaveText("—");
  await expect(page.locator(".headline .mark")).toHaveText("No data");
  await expect(page.locator("dl.stats")).not.toContainText("100 %");

  await follow(page, "Next period", before);
  await follow(page, "Next period", last);
  await expect(stat(page, 0)).toHaveText("98.0 %");
  await follow(page, "Running period", now);
  await expect(page).toHaveURL(new RegExp(`${ADDRESS}$`));
  await expect(periods(page)).toContainText("running");
});

test("a period that is over is looked at, not asked about: no proposals, no cost of nines", async ({ page }) => {
  await page.goto(ADDRESS);
  await expect(page.getByRole("region", { name: "What if" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Cost of nines" })).toHaveCount(1);
  await periods(page).getByRole("link", { name: "Previous period" }).click();
  await expect(periods(page)).toContainText("closed");
  await expect(page.locator("#what-if"), "not even an empty card").toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Cost of nines" })).toHaveCount(0);
});

test("the range is kept from period to period, and a question is left behind with now", async ({ page }) => {
  await page.goto(`${ADDRESS}?range=7d&target=99.5`);
  await expect(page.locator("#what-if .said")).toContainText("At 99.5 %");
  await periods(page).getByRole("link", { name: "Previous period" }).click();
  await expect(page).toHaveURL(/\?range=7d&closed=[^&]+$/);
  const ranges = page.getByRole("navigation", { name: "Time range" });
  await expect(ranges.getByRole("link", { name: "7 days" })).toHaveAttribute("aria-current", "true");
  await ranges.getByRole("link", { name: "24 hours" }).click();
  await expect(page).toHaveURL(/\?range=24h&closed=[^&]+$/);
  await expect(periods(page), "the range stays within the period").toContainText("closed");
  await expect(ranges.getByRole("link", { name: "24 hours" })).toHaveAttribute("aria-current", "true");
  await periods(page).getByRole("link", { name: "Running period" }).click();
  await expect(page).toHaveURL(/\/slos\/parcels\?range=24h$/);
});

test("a rolling window has no periods, and none can be asked for", async ({ page }) => {
  await page.goto("/slos/orders?closed=2026-01-01T00:00:00Z");
  await expect(page.locator("dl.stats").first()).toContainText("99.0 %");
  await expect(periods(page)).toHaveCount(0);
  await expect(page.getByRole("region", { name: "What if" })).toBeVisible();
});
