// Eight tabs of one browser: HTTP/1.1 allows six connections to a server, so the tabs must share one stream.
import { Gateway } from "../../fixtures/gateway";
import { expect, hydrated, type Page, test } from "../../fixtures/test";

const TABS = 8;
const NOTICED = { timeout: 15_000 };

test("eight tabs load, come to life and are updated by one stream", async ({ context, estate, watch }) => {
  estate.front.failing = false;
  const gateway = await Gateway.to(estate.nines.url);
  watch.allowOrigin(gateway.url);
  const tabs: Page[] = [];
  const words = () => Promise.all(tabs.map((tab) => tab.locator(".headline .mark").innerText()));
  const allShow = (word: string, patience = NOTICED) => expect.poll(words, patience).toEqual(Array(TABS).fill(word));
  for (let tab = 0; tab < TABS; tab += 1) {
    const page = await context.newPage();
    await page.goto(`${gateway.url}/services/shop`);
    await hydrated(page);
    tabs.push(page);
  }
  await allShow("Up", { timeout: 30_000 });
  expect(gateway.streams, "open streams").toBe(1);
  expect(gateway.mostStreams, "streams at a time").toBe(1);

  estate.front.failing = true;
  await allShow("Down");
  estate.front.failing = false;
  await allShow("Up");

  // The last tab to go takes the stream along.
  for (const tab of tabs) await tab.close();
  await expect.poll(() => gateway.streams, NOTICED).toBe(0);
  await gateway.close();
});
