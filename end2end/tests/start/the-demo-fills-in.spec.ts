// A visitor who has just started the demo has a page within ten seconds and sees the history arrive.
import { DEMO_STARTED } from "../../fixtures/demo";
import { expect, test } from "../../fixtures/test";

/** Promised for a start with an empty data directory. */
const FIRST_PAGE_MILLISECONDS = 10_000;
/** 90 days of seven services through the import path, on the smallest machine and without optimisation. */
const FILLED_MILLISECONDS = 120_000;

test("the page is there at once, and the history fills in with visible progress", async ({ page }, info) => {
  test.setTimeout(FILLED_MILLISECONDS + 30_000);
  await page.goto("/");
  const passed = Date.now() - Number(process.env[DEMO_STARTED]);
  info.annotations.push({ type: "first page", description: `${passed} ms after the start` });
  expect.soft(passed, "milliseconds from the start to the first page").toBeLessThan(FIRST_PAGE_MILLISECONDS);
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
  await expect(page.locator("tbody.service").filter({ hasText: "Login" })).toContainText(/\d %/);
});
