// In the browser another range is fetched without having the question judged again; the address alone asks for that.
import { expect, hydrated, known as test } from "../../../fixtures/test";

/** A proposal is judged without optimisation, and after those of other tests. */
const ANSWERED = { timeout: 40_000 };

test("another range keeps the answer, and another question does not", async ({ page }) => {
  const judged: (string | null)[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.pathname === "/fn/slo") judged.push(url.searchParams.get("compare"));
  });
  await page.goto("/slos/orders?target=99.5");
  await hydrated(page);
  const panel = page.getByRole("region", { name: "What if" });
  const said = panel.locator(".said");
  const answer = (await said.textContent()) ?? "";
  expect(answer).toContain("At 99.5 % over the last 30 d");
  expect(answer).toMatch(/As of \d+ \w+ \d\d:\d\d UTC\./);
  await page.evaluate(() => document.documentElement.setAttribute("data-same-page", ""));

  const ranges = page.getByRole("navigation", { name: "Time range" });
  for (const [place, [label, step]] of [["24 hours", "5 min"], ["1 hour", "1 min"]].entries()) {
    await ranges.getByRole("link", { name: label }).click();
    await expect(page.locator("figure caption").first()).toContainText(`Steps of ${step},`);
    await expect(said).toHaveText(answer);
    expect(judged).toEqual(Array.from({ length: place + 1 }, () => "false"));
  }
  await page.goBack();
  await expect(page.locator("figure caption").first()).toContainText("Steps of 5 min,");
  await expect(said).toHaveText(answer);

  // No question, then one of the teaching links: that is another.
  await panel.getByRole("link", { name: "As declared" }).click();
  await expect(said).toHaveCount(0);
  await panel.getByRole("link", { name: "7 days" }).click();
  await expect(said).toContainText("At 95 % over the last 7 d", ANSWERED);
  expect(judged.slice(0, 3), "ranges").toEqual(["false", "false", "false"]);
  expect(judged.at(-1), "the new question").toBe("true");
  await expect(page.locator("html"), "all of it on one page").toHaveAttribute("data-same-page", "");
});
