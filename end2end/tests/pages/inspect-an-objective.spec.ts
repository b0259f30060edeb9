// One objective: the figures, burn-down and SLI over a range, how all is computed, and the same numbers as a table.
import { expect, type Page, test } from "../../fixtures/test";

const ADDRESS = "/slos/search-availability";

const figure = (page: Page, title: string) =>
  page.locator("figure").filter({ has: page.getByRole("heading", { name: title }) });
const plot = (page: Page) => figure(page, "Error budget left");
const sli = (page: Page) => figure(page, "SLI over time");

test("the figures stand beside each other, with what they are measured against", async ({ page }) => {
  await page.goto(ADDRESS);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Search answers");
  await expect(page.locator(".headline .mark")).toHaveText(/^(Met|At risk|Breached)$/);
  const stats = page.locator("dl.stats .stat");
  await expect(stats.locator("dt")).toHaveText(["SLI", "Budget left", "Burn, 1 h", "Exhausted", "Coverage"]);
  await expect(stats.nth(0)).toContainText(/\d+\.\d\d %\s*target 99\.9 %/);
  await expect(stats.nth(1)).toContainText(/−?\d+ %/);
  await expect(stats.nth(2)).toContainText(/\d+\.\d×/);
  await expect(stats.nth(4)).toContainText(/\d+\.\d %/);
  await expect(page.locator("dl.facts > div").filter({ hasText: "Declared in" })).toContainText(/shop\.yaml:\d+, revision \d+/);
});

test("the burn-down has a curve, the neutral line, and a band for what is not known", async ({ page }) => {
  await page.goto(ADDRESS);
  const geometry = plot(page).locator("svg.geometry");
  await expect(geometry).toHaveAttribute("viewBox", "0 0 10000 10000");
  for (const part of [".line", ".area", ".neutral", ".zero", ".grid"]) {
    await expect(geometry.locator(part).first()).toBeAttached();
  }
  // The demo's own machine was off for eight hours, sixteen days ago: a gap, neither good nor bad.
  await expect(plot(page).locator("svg.overlay .band")).not.toHaveCount(0);
  // The lane under the plot has it too, beside what was measured in part.
  await expect(plot(page).locator("svg.lane .gap")).not.toHaveCount(0);
  await expect(plot(page).locator("figcaption p")).toHaveText(/ left, .*\.$/);
  await expect(plot(page).locator("svg.axis-x text")).not.toHaveCount(0);
  await expect(plot(page).locator("svg.axis-y text")).not.toHaveCount(0);
});

test("the SLI of each step stands against the target, over the same time", async ({ page }) => {
  await page.goto(ADDRESS);
  const geometry = sli(page).locator("svg.geometry");
  for (const part of [".line", ".target", ".grid"]) await expect(geometry.locator(part).first()).toBeAttached();
  await expect(sli(page).locator("svg.overlay .band")).not.toHaveCount(0);
  const sentence = sli(page).locator("figcaption p");
  await expect(sentence).toHaveText(/^Lowest in the .+: [\d.]+ %; \d+ of \d+ steps below 99\.9 %\./);
  await expect(sentence).toContainText(/ As of \d\d:\d\d:\d\d UTC, when the page was made\.$/);
  await expect(sli(page).locator("svg.axis-y text").filter({ hasText: /^99\.9 %$/ })).toHaveCount(1);
  expect(await sli(page).locator("svg.axis-x text").count()).toBeGreaterThan(2);
});

test("what is excluded is marked in both figures, named in their keys and in the table", async ({ page }) => {
  await page.goto("/slos/warehouse-availability");
  for (const one of [plot(page), sli(page)]) {
    await expect(one.locator("svg.overlay .excluded")).not.toHaveCount(0);
    await expect(one.locator(".key li").last()).toHaveText(/^Excluded: .*Stocktaking \(events dropped\)/);
  }
  await page.getByText("Data table", { exact: true }).click();
  const table = page.getByRole("table", { name: /^Steps of / });
  await expect(table.locator("thead th").last()).toHaveText("Excluded");
  await expect(table.locator("tbody td:last-child").filter({ hasText: "Stocktaking" })).not.toHaveCount(0);
});

test("the data table holds the numbers behind the figures", async ({ page }) => {
  await page.goto(`${ADDRESS}?range=24h`);
  await page.getByText("Data table", { exact: true }).click();
  const table = page.getByRole("table", { name: /^Steps of 5 min, newest first, as of / });
  await expect(table).toBeVisible();
  await expect(table.locator("thead th")).toHaveText(["Up to", "SLI", "Budget left", "Bad", "All", "Measured"]);
  const rows = table.locator("tbody tr");
  expect(await rows.count()).toBeGreaterThan(280);
  await expect(rows.nth(1)).toHaveText(/ UTC\s*[\d.]+ %\s*−?[\d,.]+ %\s*[\d,]+\s*[\d,]+\s*\d+ %/);
});

test("every figure explains how it is computed", async ({ page }) => {
  await page.goto(ADDRESS);
  const computed = page.locator("details.computed");
  await computed.getByText("How computed").click();
  const terms = computed.locator("dl.terms > div");
  expect(await terms.count()).toBeGreaterThan(4);
  for (const term of ["dt", "dd code", "dd b"]) await expect(terms.first().locator(term)).toHaveText(/./);
  await expect(computed).toContainText("99.9");
});

test("each burn-rate tier says what it sees over both look-backs", async ({ page }) => {
  await page.goto(ADDRESS);
  const tiers = page.getByRole("table", { name: "Burn-rate tiers" }).locator("tbody tr");
  await expect(tiers).toHaveCount(4);
  for (const tier of await tiers.all()) await expect(tier).toContainText(/over.*(Quiet|Firing|Frozen)/s);
});

for (const [range, label, step] of [
  ["1h", "1 hour", "1 min"],
  ["24h", "24 hours", "5 min"],
  ["7d", "7 days", "1 h"],
] as const) {
  test(`the range of ${label} is a link, and rules figure and table`, async ({ page }) => {
    await page.goto(ADDRESS);
    const ranges = page.getByRole("navigation", { name: "Time range" });
    await expect(ranges.getByRole("link", { name: "Whole window" })).toHaveAttribute("aria-current", "true");
    await ranges.getByRole("link", { name: label }).click();
    await expect(page).toHaveURL(new RegExp(`range=${range}$`));
    await expect(ranges.getByRole("link", { name: label })).toHaveAttribute("aria-current", "true");
    await expect(page.locator("figure caption")).toContainText(`Steps of ${step},`);
  });
}
