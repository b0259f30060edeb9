// A page that hears nothing says so, with the instant up to which it is right, and recovers by itself.
import { Gateway } from "../../fixtures/gateway";
import { expect, hydrated, test } from "../../fixtures/test";

test("silence is told after 45 s, and ends when the server is back", async ({ page, estate, watch }) => {
  // The browser notes the connection that is cut, and each attempt to connect again.
  watch.announce(/Failed to load resource|ERR_/);
  estate.front.failing = false;
  const gateway = await Gateway.to(estate.nines.url);
  watch.allowOrigin(gateway.url);
  await page.clock.install();
  await page.goto(`${gateway.url}/`);
  await hydrated(page);
  await expect.poll(() => gateway.streams).toBe(1);
  const lost = page.getByRole("alert").filter({ hasText: "Connection lost" });

  gateway.letOnly(() => false);
  gateway.cut();
  await page.clock.fastForward("00:20");
  await expect(lost).toHaveCount(0);
  await page.clock.fastForward("00:30");
  await expect(lost).toHaveText(/Connection lost, showing data as of \d\d:\d\d:\d\d UTC\./);

  gateway.letOnly(() => true);
  // The worker's own pauses are real: they double up to 30 s.
  await expect(lost).toHaveCount(0, { timeout: 60_000 });
  await gateway.close();
});
