// From the overview to one service: its health and why, whose it is, and each of its objectives.
import { HEALTH_WORDS, services } from "../../fixtures/api";
import { expect, test } from "../../fixtures/test";

test("a service tells health, since when, why, whose it is, and its objectives", async ({ page, baseURL }) => {
  await page.goto("/");
  await page.locator("tbody.service").getByRole("link", { name: "Checkout", exact: true }).click();
  await expect(page).toHaveURL(/\/services\/checkout$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Checkout");
  await expect(page).toHaveTitle(/^Checkout – Nines$/);
  await expect(async () => {
    await page.reload();
    const checkout = (await services(baseURL ?? "")).find(({ name }) => name === "checkout");
    await expect(page.locator(".headline .mark")).toHaveText(HEALTH_WORDS[checkout?.health ?? "unknown"], { timeout: 100 });
    // A sentence of its own begins with a capital.
    await expect(page.locator(".headline + .sub")).toContainText(checkout?.reason ?? "", { timeout: 100, ignoreCase: true });
  }).toPass({ timeout: 20_000 });
  await expect(page.locator(".headline + .sub")).toHaveText(/. \(since .* UTC\)$/);

  const table = page.getByRole("table", { name: "Objectives of the service" });
  await expect(table.getByRole("link", { name: "Checkout answers" })).toBeVisible();
  await expect(table.getByRole("link", { name: "Checkout is fast" })).toBeVisible();
  const way = page.getByRole("navigation", { name: "Where this is" });
  await expect(way.getByRole("link", { name: "Overview" })).toHaveAttribute("href", "/");
});
