// Pictures of the pages for people to look at: each in light and dark, on a desktop and on a phone.
import { join } from "node:path";

import { DESKTOP, PHONE } from "./fixtures/browser";
import { hydrated, test } from "./fixtures/test";

const DIRECTORY = join(import.meta.dirname, "test-results/pictures");
const PAGES = { overview: "/", service: "/services/checkout", objective: "/slos/search-availability" };

for (const [width, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const [name, address] of Object.entries(PAGES)) {
      test(`${name}, ${colorScheme}, ${width}`, async ({ browser, baseURL, watch }) => {
        const context = await browser.newContext({ baseURL, viewport, colorScheme, deviceScaleFactor: width === "phone" ? 2 : 1 });
        await watch.follow(context);
        const page = await context.newPage();
        await page.goto(address);
        await hydrated(page);
        await page.screenshot({ path: join(DIRECTORY, `${name}-${colorScheme}-${width}.png`), fullPage: true });
        await context.close();
      });
    }
  }
}
