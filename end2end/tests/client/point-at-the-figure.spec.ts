// The pointer reads the burn-down: a tooltip at the nearest step, which never leaves the window.
import { expect, hydrated, test } from "../../fixtures/test";

test("the tooltip follows the pointer and flips where there is no room", async ({ page }) => {
  await page.goto("/slos/search-availability");
  await hydrated(page);
  const area = page.locator(".plot .cursor");
  await area.scrollIntoViewIfNeeded();
  const box = await area.boundingBox();
  if (!box) throw new Error("the plot is not there");
  const tip = page.locator(".tip");
  const read: string[] = [];
  for (const fraction of [0.02, 0.5, 0.98]) {
    await page.mouse.move(box.x + box.width * fraction, box.y + box.height / 2);
    await expect(tip).toContainText(/UTC/);
    read.push((await tip.innerText()).trim());
    const { x, width } = (await tip.boundingBox()) ?? { x: -1, width: 0 };
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
  }
  expect(new Set(read).size).toBe(3);
  await page.mouse.move(1, 1);
  await expect(tip).toHaveCount(0);
});

test("a range of time is fetched and drawn without loading the page again", async ({ page }) => {
  await page.goto("/slos/search-availability");
  await hydrated(page);
  await page.evaluate(() => document.documentElement.setAttribute("data-same-page", ""));
  await page.getByRole("navigation", { name: "Time range" }).getByRole("link", { name: "24 hours" }).click();
  await expect(page).toHaveURL(/range=24h$/);
  await expect(page.locator("figure caption")).toContainText("Steps of 5 min,");
  await expect(page.locator("html")).toHaveAttribute("data-same-page", "");
  await page.goBack();
  await expect(page.locator("figure caption")).toContainText(/Steps of \d+ h,/);
});
