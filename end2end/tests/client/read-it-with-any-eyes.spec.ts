// What only the client adds to a page has no accessibility defect that a machine can find either.
import { audit } from "../../fixtures/audit";
import { expect, hydrated, test } from "../../fixtures/test";

test("the cursor's tooltip, and a chosen theme", async ({ page }) => {
  await page.goto("/slos/search-availability");
  await hydrated(page);
  await page.getByRole("button", { name: /^Colours/ }).click();
  await page.getByRole("slider").focus();
  await expect(page.locator(".tip")).toBeVisible();
  await audit(page);
});
