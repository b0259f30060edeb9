// Composites: the same two members by four rules, one composite in another, and the way to the members.
import { get } from "../../../fixtures/api";
import { expect, known as test, type Page } from "../../../fixtures/test";
import { tableOf } from "../../../fixtures/tables";

const ADDRESS = "/services/shop";
/** Slices are read in turns after a start. */
const READ = { timeout: 60_000, intervals: [1_000] };

interface Composite {
  readonly sli: number | null;
  readonly state: string;
}

const row = (page: Page, name: string) => page.locator(`tr#composite-${name}`);

/** Left and right miss 5 % each: half a budget of 10 % each. Of 60 minutes 5 are bad for one of them or for both. */
const BY_HAND = [
  ["burns", "By burns", "Sum of burns", "90.0 %", "0 %", "At risk", ["left, 90: 50.0 %", "right, 90: 50.0 %"]],
  ["slices", "By slices", "Any bad slice", "91.6 %", "16.6 %", "At risk", ["left, 90: 50.0 %", "right, 90: 50.0 %"]],
  ["missing", "By what is missing", "Sum of missing", "90.0 %", "0 %", "At risk", ["left, 90: 50.0 %", "right, 90: 50.0 %"]],
  ["mean", "By the mean", "Weighted mean", "95.0 %", "50.0 %", "Met", ["left, 90: 75.0 %", "right, 90: 25.0 %"]],
  ["nested", "One in another", "Sum of missing", "85.0 %", "−50.0 %", "Breached", ["missing: 66.6 %", "left, 90: 33.3 %"]],
] as const;

test("four rules give four answers, each with its name, its figures and its members", async ({ page, baseURL }) => {
  await expect(async () => {
    const { composites } = await get<{ composites: Composite[] }>(`${baseURL}/api/v1/composites`);
    expect(composites.map(({ sli }) => sli !== null)).toEqual(BY_HAND.map(() => true));
  }).toPass(READ);
  await page.goto(ADDRESS);
  await expect(tableOf(page, "Composites of the service").locator("tbody tr")).toHaveCount(BY_HAND.length);
  for (const [name, display, rule, sli, left, state, members] of BY_HAND) {
    await expect(row(page, name).locator("th")).toContainText(display);
    // The rule in words, then how it reckons.
    await expect(row(page, name).locator("th .small")).toHaveText(new RegExp(`^${rule}: .+`));
    const cells = row(page, name).locator("td");
    await expect(cells.nth(0)).toHaveText("90 %");
    await expect(cells.nth(1)).toHaveText(sli);
    await expect(cells.nth(2)).toHaveText(left);
    await expect(cells.nth(3).locator(".mark")).toHaveText(state);
    await expect(cells.nth(4).locator(".small")).toHaveText(members);
  }
});

test("a member is a link: an objective to its page, a composite to its row", async ({ page }) => {
  await page.goto(ADDRESS);
  await row(page, "nested").getByRole("link", { name: "missing" }).click();
  await expect(page).toHaveURL(/\/services\/shop#composite-missing$/);
  await expect(row(page, "missing")).toBeInViewport();
  await row(page, "missing").getByRole("link", { name: "right, 90" }).click();
  await expect(page).toHaveURL(/\/slos\/right$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("right");
  // 30 bad of 600.
  await expect(page.locator("dl.stats .stat b").first()).toHaveText("95.0 %");
});

test("a service without composites says nothing about them", async ({ page }) => {
  await page.goto("/services/post");
  await expect(page.getByRole("table", { name: "Objectives of the service" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Composites" })).toHaveCount(0);
});
