// The panels of proposals, periods, exclusions and composites: no accessibility defect that a machine can find, in
// either theme, and no scrolling sideways.
import { audit, auditWithoutClient } from "../../../fixtures/audit";
import { fits, NARROWEST } from "../../../fixtures/fits";
import { monthBegin } from "../../../fixtures/known";
import { expect, hydrated, known as test } from "../../../fixtures/test";

/** Axe takes its time on a busy machine, above all where a proposal is judged first. */
const AUDIT_MILLISECONDS = 180_000;

test.describe.configure({ timeout: AUDIT_MILLISECONDS });

const monthAgo = () => new Date(monthBegin(Date.now(), 0)).toISOString().replace(".000Z", "Z");

/**
 * Each page, and what is there to see that it is the one that is meant. Over an hour, for the steps of a whole window
 * keep axe busy for a minute, and are looked at elsewhere.
 */
const PAGES: Record<string, [address: () => string, shows: string]> = {
  "a proposal's answer": [() => "/slos/orders?range=1h&objective=stretch&target=95&window=7d&method=Timeslices", "#what-if .said"],
  "a refused proposal": [() => "/slos/orders?range=1h&target=abc", "#what-if .refused"],
  "a closed period": [() => `/slos/parcels?range=1h&closed=${monthAgo()}`, "nav.periods a[rel=next]"],
  exclusions: [() => "/slos/pallets?range=1h", "text=are excluded"],
  composites: [() => "/services/shop", "#composite-nested"],
};

for (const [name, [address, shows]] of Object.entries(PAGES)) {
  for (const theme of ["light", "dark"] as const) {
    test(`${name} has no defect in ${theme}`, async ({ page, browser, javaScriptEnabled }) => {
      await page.emulateMedia({ colorScheme: theme });
      await page.goto(address());
      await expect(page.locator(shows).first()).toBeVisible();
      if (javaScriptEnabled) {
        await hydrated(page);
        await audit(page);
      } else {
        await auditWithoutClient(page, browser, theme);
      }
    });
  }

  test(`${name} never scrolls sideways`, async ({ page, viewport }) => {
    await fits(page, address(), [viewport?.width ?? NARROWEST, NARROWEST]);
    await expect(page.locator(shows).first()).toBeVisible();
  });
}
