// Everything can be reached and used without a pointer.
import { expect, hydrated, type Page, test } from "../../fixtures/test";

/** More stops than a page has before its chart. */
const STOPS_MAX = 40;

/** Tabs until the focus is on what `selector` names. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let stop = 0; stop < STOPS_MAX; stop += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, selector)) return;
  }
  throw new Error(`${STOPS_MAX} stops did not lead to ${selector}`);
}

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
  expect(last).toMatch(/ UTC: .* left, .* bad of .*/);

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

test("the focus is always to be seen", async ({ page }) => {
  await page.goto("/slos/search-availability");
  await hydrated(page);
  for (let stop = 0; stop < 12; stop += 1) {
    await page.keyboard.press("Tab");
    const seen = await page.evaluate(() => {
      const ring = (element: Element | null | undefined) => {
        const { outlineStyle, boxShadow } = element ? getComputedStyle(element) : { outlineStyle: "none", boxShadow: "none" };
        return outlineStyle !== "none" || boxShadow !== "none";
      };
      const here = document.activeElement;
      // The chart's transparent input shows its ring on what surrounds it.
      return { seen: ring(here) || ring(here?.closest(".cursor, .plot, figure")), what: here?.outerHTML.slice(0, 120) };
    });
    expect(seen.seen, seen.what).toBe(true);
  }
});
