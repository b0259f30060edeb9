// Pictures of the pages for people to look at: each in light and dark, on a desktop and on a phone, with JavaScript on
// and off.
import { join } from "node:path";

import { DESKTOP, PHONE } from "./fixtures/browser";
import { hydrated, test } from "./fixtures/test";

const DIRECTORY = join(import.meta.dirname, "test-results/pictures");
const PAGES = {
  overview: "/",
  service: "/services/recommendations",
  objective: "/slos/search-availability",
  "not-found": "/no-such-page",
};

for (const [width, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const script of ["on", "off"] as const) {
      for (const [name, address] of Object.entries(PAGES)) {
        test(`${name}, ${colorScheme}, ${width}, script ${script}`, async ({ browser, baseURL, watch }) => {
          watch.announce(/status of 404/);
          const javaScriptEnabled = script === "on";
          const deviceScaleFactor = width === "phone" ? 2 : 1;
          const context = await browser.newContext({ baseURL, viewport, colorScheme, deviceScaleFactor, javaScriptEnabled });
          await watch.follow(context);
          const page = await context.newPage();
          await page.goto(address);
          if (javaScriptEnabled) await hydrated(page);
          await page.screenshot({ path: join(DIRECTORY, `${name}-${colorScheme}-${width}-script-${script}.png`), fullPage: true });
          await context.close();
        });
      }
    }
  }
}
