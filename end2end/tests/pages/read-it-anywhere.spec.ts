// The pages fit a phone and the narrowest window without scrolling sideways, and follow the system's colours.
import { fits, NARROWEST } from "../../fixtures/fits";
import { expect, test } from "../../fixtures/test";

const PAGES = {
  overview: "/",
  service: "/services/checkout",
  objective: "/slos/search-availability",
  "not found": "/no-such-page",
};

for (const [name, address] of Object.entries(PAGES)) {
  test(`${name} never scrolls sideways`, async ({ page, viewport, watch }) => {
    watch.announce(/status of 404/);
    await fits(page, address, [viewport?.width ?? NARROWEST, NARROWEST]);
  });
}

test("without a choice the colours follow the system", async ({ page }) => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/");
  const light = await background();
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await background();
  expect(light).not.toBe(dark);
});

test("a chosen theme is in the page that the server makes", async ({ page, context, baseURL }) => {
  await context.addCookies([{ name: "theme", value: "dark", url: baseURL ?? "" }]);
  await page.goto("/");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(page.locator("html")).toHaveCSS("color-scheme", "dark");
});
