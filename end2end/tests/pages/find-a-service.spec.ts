// Narrowing the overview by group and by text works with plain links and a plain form.
import { services } from "../../fixtures/api";
import { expect, test } from "../../fixtures/test";

const names = "tbody.service a.name";

test("a group shows its services only, and is kept in the address", async ({ page, baseURL }) => {
  const all = await services(baseURL ?? "");
  const money = all.filter(({ group }) => group === "Money").map(({ display_name }) => display_name);
  expect(money.length).toBeGreaterThan(1);
  await page.goto("/");
  const groups = page.getByRole("navigation", { name: "Groups" });
  await expect(groups.getByRole("link", { name: /^All/ })).toHaveAttribute("aria-current", "true");
  await groups.getByRole("link", { name: /^Money/ }).click();
  await expect(page).toHaveURL(/\?group=Money$/);
  await expect(page.locator(names)).toHaveCount(money.length);
  expect((await page.locator(names).allInnerTexts()).sort()).toEqual(money.sort());
  await expect(groups.getByRole("link", { name: /^Money/ })).toHaveAttribute("aria-current", "true");
  await groups.getByRole("link", { name: /^All/ }).click();
  await expect(page).toHaveURL(/\/$/);
  await expect(page.locator(names)).toHaveCount(all.length);
});

test("a search finds by name and owner, within the group", async ({ page }) => {
  await page.goto("/?group=Discovery");
  const search = page.getByRole("searchbox", { name: "Search services" });
  await search.fill("recommend");
  await search.press("Enter");
  await expect(page).toHaveURL(/group=Discovery/);
  await expect(page).toHaveURL(/q=recommend/);
  await expect(page.locator(names)).toHaveText(["Recommendations"]);
  await expect(search).toHaveValue("recommend");

  await page.goto("/?q=messaging");
  await expect(page.locator(names)).toHaveText(["E-mail"]);
});

test("a search without a match says so", async ({ page }) => {
  await page.goto("/?q=nothing-is-called-this");
  await expect(page.getByText("No service matches.")).toBeVisible();
  await expect(page.locator(names)).toHaveCount(0);
});
