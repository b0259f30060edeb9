// An address that leads nowhere says so, with the status of its own, and shows the way back.
import { expect, test } from "../../fixtures/test";

for (const address of ["/no-such-page", "/services/no-such-service", "/slos/no-such-slo"]) {
  test(`${address} is not found`, async ({ page, watch }) => {
    watch.announce(/status of 404/);
    const answer = await page.goto(address);
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is nothing here.");
    await page.getByRole("main").getByRole("link", { name: "To the overview" }).click();
    await expect(page).toHaveURL(/\/$/);
    await expect(page.locator("tbody.service")).not.toHaveCount(0);
  });
}

test("a file that is not there costs no page, and the API answers with a problem", async ({ request }) => {
  expect((await request.get("/wp-login.php")).status()).toBe(404);
  const answer = await request.get("/api/v1/nothing");
  expect(answer.status()).toBe(404);
  expect(answer.headers()["content-type"]).toContain("application/problem+json");
});
