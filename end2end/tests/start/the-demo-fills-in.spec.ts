// A visitor who has just started the demo sees its history arrive. All other specs wait for that.
import { expect, test } from "../../fixtures/test";

/** 90 days of eight services through the import path, on the smallest machine and without optimisation. */
const FILLED_MILLISECONDS = 120_000;
/** The strip of 30 days is drawn anew every half minute. */
const STRIP_MILLISECONDS = 60_000;
/** Days that a healthy service's strip shows as good at least. */
const DAYS_MIN = 25;

test("the history fills in with visible progress", async ({ page }) => {
  test.setTimeout(FILLED_MILLISECONDS + STRIP_MILLISECONDS + 30_000);
  await page.goto("/");
  await expect(page.getByRole("complementary", { name: "Demo" })).toContainText("This is a demo.");

  const progress = page.getByLabel("Writing 90 days of history");
  const shown: number[] = [];
  await expect(async () => {
    await page.reload();
    if (await progress.isVisible()) shown.push(Number(await progress.getAttribute("value")));
    await expect(progress).toHaveCount(0);
  }).toPass({ timeout: FILLED_MILLISECONDS, intervals: [500] });
  expect(shown.length, "pages that showed progress").toBeGreaterThan(0);
  expect(shown, "progress never goes back").toEqual([...shown].sort((a, b) => a - b));

  // The page has no bar either before the first day is asked for; only figures prove that history came in.
  const login = page.locator("tbody.service").filter({ hasText: "Login" });
  await expect(login).toContainText(/\d %/);
  await expect(async () => {
    await page.reload();
    expect(await login.locator("svg.strip .cell.ok").count(), "good days in the strip").toBeGreaterThan(DAYS_MIN);
  }).toPass({ timeout: STRIP_MILLISECONDS, intervals: [1_000] });
});
