// Everything can be reached and used without a pointer.
import { tabTo } from "../../fixtures/keyboard";
import { expect, hydrated, test } from "../../fixtures/test";

test("the first stop skips to the content", async ({ page }) => {
  await page.goto("/");
  await hydrated(page);
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.locator("main")).toBeFocused();
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.closest("main") !== null)).toBe(true);
});

test("the chart's cursor moves with the arrow keys and reads each step out", async ({ page }) => {
  await page.goto("/slos/search-availability");
  await hydrated(page);
  await tabTo(page, "input[type=range]");
  const cursor = page.getByRole("slider", { name: "Inspect the error budget left" });
  await expect(cursor).toBeFocused();
  const words = () => cursor.getAttribute("aria-valuetext");
  const tip = page.locator(".tip");
  await expect(tip).toBeVisible();
  const last = await words();
  expect(last).toMatch(/ UTC: .* left, SLI .* %, .* bad of .*/);

  await page.keyboard.press("ArrowLeft");
  await expect(cursor).not.toHaveAttribute("aria-valuetext", last ?? "");
  await page.keyboard.press("Home");
  await expect(cursor).toHaveValue("0");
  const first = await words();
  await page.keyboard.press("ArrowRight");
  await expect(cursor).toHaveValue("1");
  await expect(cursor).not.toHaveAttribute("aria-valuetext", first ?? "");
  await page.keyboard.press("End");
  // The last step is still growing, so its place is compared and not its text.
  await expect(cursor).toHaveValue((await cursor.getAttribute("max")) ?? "");
  await page.keyboard.press("Escape");
  await expect(tip).toHaveCount(0);
});

test("the theme button and the filters answer to the keyboard", async ({ page }) => {
  await page.goto("/");
  await hydrated(page);
  await tabTo(page, "button.theme");
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await tabTo(page, "input[type=search]");
  await page.keyboard.type("login");
  await expect(page.locator("tbody.service a.name")).toHaveText(["Login"]);
});

test("a followed link moves the focus to the new page's heading", async ({ page }) => {
  await page.goto("/");
  await hydrated(page);
  await page.locator("tbody.service").getByRole("link", { name: "Login", exact: true }).focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/services\/login$/);
  await expect(page.getByRole("heading", { level: 1, name: "Login" })).toBeFocused();
});

test("the focus is to be seen at every stop of a page, and comes round", async ({ page }) => {
  for (const address of ["/", "/services/checkout", "/slos/search-availability"]) {
    await page.goto(address);
    await hydrated(page);
    await tabTo(page, "a.skip");
    await tabTo(page, "a.skip");
  }
});

test("from the sentence to the figure and back without a pointer", async ({ page }) => {
  await page.goto("/");
  await hydrated(page);
  await tabTo(page, "a.skip");
  await page.keyboard.press("Enter");
  await tabTo(page, 'nav a[href="/?group=Discovery"]');
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\?group=Discovery$/);
  await tabTo(page, 'a.name[href="/services/search"]');
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Search" })).toBeFocused();
  await tabTo(page, 'a[href="/slos/search-availability"]');
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Search answers" })).toBeFocused();
  await tabTo(page, 'nav a[href$="range=24h"]');
  await page.keyboard.press("Enter");
  await expect(page.locator("figure caption")).toContainText("Steps of 5 min,");
  await tabTo(page, "input[type=range]");
  await page.keyboard.press("Home");
  await expect(page.getByRole("slider")).toHaveValue("0");
  await expect(page.locator(".tip")).toBeVisible();
  await tabTo(page, "figure summary");
  await page.keyboard.press("Enter");
  await expect(page.locator("figure details")).toHaveAttribute("open", "");
  await tabTo(page, "figure .scroll");
  await tabTo(page, "button.theme");
  await page.keyboard.press("Space");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await tabTo(page, "a.brand");
});
