// A service that starts failing is down on the open page, with reason and since, without a reload; and comes back.
import { services } from "../../fixtures/api";
import { Gateway } from "../../fixtures/gateway";
import { expect, hydrated, test } from "../../fixtures/test";

/** Promised for a service that is probed every 5 s: two results confirm a failure. */
const NOTICED = { timeout: 15_000 };
/** Screen readers get at most one message in 30 s. */
const TOLD = { timeout: 45_000 };

test("it turns down and up again on every open page within 15 s", async ({ page, context, estate, watch }) => {
  const gateway = await Gateway.to(estate.nines.url);
  watch.allowOrigin(gateway.url);
  estate.front.failing = false;
  await page.goto(`${gateway.url}/`);
  const other = await context.newPage();
  await other.goto(`${gateway.url}/services/shop`);
  for (const open of [page, other]) await hydrated(open);
  const health = page.locator("tbody.service .c-health");
  const elsewhere = other.locator(".headline .mark");
  await expect(health).toContainText("Up", { timeout: 30_000 });
  await expect(elsewhere).toHaveText("Up", NOTICED);
  let navigations = 0;
  for (const open of [page, other]) open.on("framenavigated", () => (navigations += 1));
  const asked = gateway.asked.length;

  estate.front.failing = true;
  await expect(health).toContainText("Down", NOTICED);
  await expect(health).toContainText(/HTTP 500/);
  await expect(health).toContainText(/since \d\d:\d\d:\d\d UTC/);
  await expect(elsewhere).toHaveText("Down");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/ is down\b/);
  await expect(page.locator("tbody.service")).toHaveClass(/is-bad/);

  estate.front.failing = false;
  await expect(health).toContainText("Up", NOTICED);
  await expect(elsewhere).toHaveText("Up");
  expect(navigations, "navigations").toBe(0);
  expect(gateway.asked.slice(asked), "requests meanwhile").toEqual([]);
  await gateway.close();
});

test("a tab that joins a running stream between two heartbeats hears the very next change", async ({ page, context, estate, watch }) => {
  watch.allowOrigin(estate.nines.url);
  estate.front.failing = false;
  await expect.poll(async () => (await services(estate.nines.url))[0]?.health, { timeout: 30_000 }).toBe("up");
  const address = `${estate.nines.url}/services/shop`;
  await page.goto(address);
  await hydrated(page);
  // Well after the stream's first heartbeat, well before its second.
  await page.waitForTimeout(3_000);
  estate.front.failing = true;
  const second = await context.newPage();
  await second.goto(address);
  await hydrated(second);
  await expect(page.locator(".headline .mark")).toHaveText("Down", NOTICED);
  await expect(second.locator(".headline .mark")).toHaveText("Down", { timeout: 2_000 });
  estate.front.failing = false;
});

test("a change is told to screen readers", async ({ page, estate, watch }) => {
  watch.allowOrigin(estate.nines.url);
  estate.front.failing = false;
  await page.goto(`${estate.nines.url}/`);
  await hydrated(page);
  await expect(page.locator("tbody.service .c-health")).toContainText("Up", { timeout: 30_000 });
  estate.front.failing = true;
  await expect(page.locator("p[role=status][aria-live=polite]")).toHaveText(/changed to Down\./, TOLD);
  estate.front.failing = false;
});
