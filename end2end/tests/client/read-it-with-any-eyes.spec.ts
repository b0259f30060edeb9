// No page has an accessibility defect that a machine can find, in either theme.
import { audit } from "../../fixtures/audit";
import { expect, hydrated, test } from "../../fixtures/test";

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
    test(`${name}, ${theme}`, async ({ page, watch }) => {
      watch.announce(/status of 404/);
      await page.emulateMedia({ colorScheme: theme });
      await page.goto(address);
      await hydrated(page);
      await audit(page);
    });
  }
}

test("the cursor's tooltip, and a chosen theme", async ({ page }) => {
  await page.goto("/slos/search-availability");
  await hydrated(page);
  await page.getByRole("button", { name: /^Colours/ }).click();
  await page.getByRole("slider").focus();
  await expect(page.locator(".tip")).toBeVisible();
  await audit(page);
});
