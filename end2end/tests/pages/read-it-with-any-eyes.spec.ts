// No page has an accessibility defect that a machine can find, in either theme, with JavaScript off and on.
import { audit, auditWithoutClient } from "../../fixtures/audit";
import { hydrated, test } from "../../fixtures/test";

const PAGES = {
  overview: "/",
  "narrowed overview": "/?group=Money&q=l",
  service: "/services/checkout",
  objective: "/slos/search-availability",
  "objective without data": "/slos/ledger-bookings",
  "not found": "/no-such-page",
};

for (const theme of ["light", "dark"] as const) {
  for (const [name, address] of Object.entries(PAGES)) {
    test(`${name}, ${theme}`, async ({ page, browser, watch, javaScriptEnabled }) => {
      watch.announce(/status of 404/);
      await page.emulateMedia({ colorScheme: theme });
      await page.goto(address);
      if (javaScriptEnabled) {
        await hydrated(page);
        await audit(page);
      } else {
        await auditWithoutClient(page, browser, theme);
      }
    });
  }
}
