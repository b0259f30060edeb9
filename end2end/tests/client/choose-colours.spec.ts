// The theme button goes through system, light and dark, and the choice outlives the page.
import { expect, hydrated, test } from "../../fixtures/test";

test("the button goes round, and the server makes the next page in the chosen colours", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/");
  await hydrated(page);
  const [root, button] = [page.locator("html"), page.getByRole("button", { name: /^Colours/ })];
  await expect(root).not.toHaveAttribute("data-theme");
  for (const [word, theme] of [["Light", "light"], ["Dark", "dark"]] as const) {
    await button.click();
    await expect(button).toContainText(word);
    await expect(root).toHaveAttribute("data-theme", theme);
    await expect(root).toHaveCSS("color-scheme", theme);
  }
  const html = await (await page.request.get("/")).text();
  expect(html).toMatch(/<html[^>]*data-theme="dark"/);
  await page.reload();
  await hydrated(page);
  await expect(button).toContainText("Dark");
  await button.click();
  await expect(root).not.toHaveAttribute("data-theme");
  expect(await (await page.request.get("/")).text()).not.toMatch(/<html[^>]*data-theme/);
});
