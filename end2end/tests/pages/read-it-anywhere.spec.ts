// The pages fit a phone and the narrowest window without scrolling sideways, and follow the system's colours.
import { expect, openAll, test } from "../../fixtures/test";

const PAGES = {
  overview: "/",
  service: "/services/checkout",
  objective: "/slos/search-availability",
  "not found": "/no-such-page",
};
/** 320 px is a desktop window at 400 % zoom. */
const NARROWEST = 320;

for (const [name, address] of Object.entries(PAGES)) {
  test(`${name} never scrolls sideways`, async ({ page, viewport, watch }) => {
    watch.announce(/status of 404/);
    for (const width of [viewport?.width ?? NARROWEST, NARROWEST]) {
      await page.setViewportSize({ width, height: 844 });
      await page.goto(address);
      await openAll(page);
      const wide = await page.evaluate(() => ({
        content: document.scrollingElement?.scrollWidth ?? Infinity,
        window: window.innerWidth,
        // Says which element it is, which a bare number would not.
        culprits: [...document.querySelectorAll("main *, header *, footer *, aside *")]
          .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1 && !element.closest(".scroll, pre, svg, .hidden"))
          .map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}`)
          .slice(0, 5),
      }));
      expect(wide.content, `at ${width} px; too wide: ${wide.culprits.join(", ")}`).toBeLessThanOrEqual(wide.window);
    }
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
