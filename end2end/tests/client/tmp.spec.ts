import { expect, hydrated, test } from "../../fixtures/test";
test("external", async ({ page }) => {
  await page.goto("/"); await hydrated(page);
  await page.evaluate(() => document.querySelector("a.skip")?.setAttribute("rel", "external"));
  await page.keyboard.press("Tab"); await page.keyboard.press("Enter");
  await page.waitForTimeout(500);
  console.log(await page.evaluate(() => document.activeElement?.tagName), page.url());
});
test("as is", async ({ page }) => {
  await page.goto("/"); await hydrated(page);
  await page.keyboard.press("Tab"); await page.keyboard.press("Enter");
  await page.waitForTimeout(500);
  console.log(await page.evaluate(() => document.activeElement?.tagName), page.url());
  await page.keyboard.press("Tab");
  console.log(await page.evaluate(() => document.activeElement?.outerHTML.slice(0,80)));
});
