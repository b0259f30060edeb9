// What targets cost, and one measurement judged in several ways, side by side.
import { targetPercent } from "../../../fixtures/api";
import { costOfNines, length, percentUp } from "../../../fixtures/proposal";
import { cellsOf, tableOf } from "../../../fixtures/tables";
import { expect, known as test } from "../../../fixtures/test";

const ADDRESS = "/slos/orders";

test("the cost of nines: what each target allows, what is survived, and what fires", async ({ page, baseURL }) => {
  const rows = await costOfNines(baseURL, "orders");
  expect(rows.map(({ target }) => target)).toContain(0.95);
  await page.goto(ADDRESS);
  const card = page.locator("details.cost").first();
  await card.locator("summary").click();
  await expect(card).toContainText("over a window of 30 d");
  const table = tableOf(page, "Cost of nines").first();
  await expect(table).toBeVisible();
  await expect(table.locator("tbody tr")).toHaveCount(rows.length);
  for (const [place, line] of rows.entries()) {
    const row = table.locator("tbody tr").nth(place);
    const own = line.target === 0.95;
    await expect(row.locator("th")).toHaveText(`${targetPercent(line.target)} %${own ? " as declared" : ""}`);
    expect(await row.getAttribute("aria-current"), "only the declared target is marked").toBe(own ? "true" : null);
    const events = line.events_for_one_failure?.toLocaleString("en-US") ?? "never";
    const survived = line.survived_seconds === null ? "—" : length(line.survived_seconds);
    await expect(row.locator("td").nth(0)).toHaveText(length(line.allowed_seconds));
    await expect(row.locator("td").nth(1)).toHaveText(survived);
    await expect(row.locator("td").nth(2)).toHaveText(events);
    const fires = line.tiers.map((tier) => `${tier.policy} after ${length(tier.fires_after_seconds)}, ${percentUp(tier.consumed_ratio)} gone`);
    await expect(row.locator("td").nth(3).locator(".small")).toHaveText(fires);
  }
  // By hand: a thousandth of 30 days, a twentieth of them; a fifth of the latter is spent.
  await expect(cellsOf(table, "99.9 %").first()).toHaveText("43 min 12 s");
  await expect(cellsOf(table, "99.9 %").nth(2)).toHaveText("1,000");
  await expect(cellsOf(table, /^95 % as declared$/).first()).toHaveText("1 d 12 h");
  await expect(cellsOf(table, /^95 % as declared$/).nth(1)).toHaveText("1 d 4 h");
});

test("the objectives of an SLO stand one after the other, each with its own figures", async ({ page }) => {
  await page.goto(ADDRESS);
  const sections = page.locator("section.objective");
  await expect(sections.locator("h2")).toHaveText(["Objective committed", "Objective stretch"]);
  await expect(page.locator(".headline + .sub")).toContainText("95 % and 99.5 % good over 30 days.");
  for (const [place, sli, target, left] of [[0, "99.0 %", "95", "80 %"], [1, "99.00 %", "99.5", "−100 %"]] as const) {
    const figures = sections.nth(place).locator("dl.stats .stat");
    await expect(figures.nth(0)).toContainText(sli);
    await expect(figures.nth(0)).toContainText(`target ${target} %`);
    await expect(figures.nth(1).locator("b")).toHaveText(left);
    await expect(sections.nth(place).locator("figure h3")).toHaveText(["Error budget left", "SLI over time"]);
  }
  await expect(page.locator(".headline .mark"), "the worst speaks for all").toHaveText("Breached");
});

test("the same indicator, judged by another SLO, is beside it and a link away", async ({ page }) => {
  await page.goto(ADDRESS);
  const table = tableOf(page, "Other objectives on the same indicator");
  await expect(table.locator("tbody tr")).toHaveCount(1);
  // Ten bad minutes of 480, of 24 that are allowed.
  const cells = cellsOf(table, /^Orders have good minutes target 95 %$/);
  await expect(cells).toHaveText(["30 days, slices", "97.9 %", "58 %", "Met"]);
  await table.getByRole("link", { name: "Orders have good minutes" }).click();
  await expect(page).toHaveURL(/\/slos\/orders-minutes$/);
  await expect(page.locator("dl.stats .stat b").first()).toHaveText("97.9 %");
  // And back: both objectives of the first.
  const back = tableOf(page, "Other objectives on the same indicator");
  await expect(cellsOf(back, /^Orders succeed target 95 %$/)).toHaveText(["30 days, events", "99.0 %", "80 %", "Met"]);
  await expect(cellsOf(back, /^Orders succeed target 99\.5 %$/)).toHaveText(["30 days, events", "99.00 %", "−100 %", "Breached"]);
});
