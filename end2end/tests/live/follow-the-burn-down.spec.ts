// After hydration the stream alone moves the burn-down, and what the browser draws is what the native code draws.
import { isDeepStrictEqual } from "node:util";

import { get, type HistoryPoint, type SloStatus } from "../../fixtures/api";
import { SLO } from "../../fixtures/estate";
import { Gateway, STREAM } from "../../fixtures/gateway";
import { type Drawing, drawingAsBrowserWrites, drawNatively, Minutes } from "../../fixtures/native";
import { follow } from "../../fixtures/stream";
import { expect, hydrated, type Page, test } from "../../fixtures/test";

const RANGE_SECONDS = 3_600;
/** Figures that the browser and the native code must agree on, each after another event. */
const AGREEMENTS = 4;
/** Probes run every 5 s; each of them moves the figure. */
const AGREED_MILLISECONDS = 60_000;

const drawn = (page: Page): Promise<Drawing> =>
  page.evaluate(() => ({
    geometry: document.querySelector("svg.geometry")?.innerHTML ?? "",
    overlay: document.querySelector("svg.overlay")?.innerHTML ?? "",
    lane: document.querySelector("svg.lane")?.innerHTML ?? "",
  }));

test("with every request but the stream blocked, the figure moves and equals the native one", async ({ page, estate, watch }) => {
  const { nines, front } = estate;
  front.failing = false;
  const gateway = await Gateway.to(nines.url);
  watch.allowOrigin(gateway.url);
  const minutes = new Minutes();
  let filled = false;
  /** By the instant of the status that is drawn. */
  const native = new Map<string, Drawing>();
  const stop = new AbortController();
  const following = (async () => {
    for await (const { kind, data } of follow(nines.url, stop.signal)) {
      if (kind !== "slo") continue;
      const { at, objectives, point } = data as unknown as SloStatus & { point: HistoryPoint | null };
      if (point) minutes.take(point);
      if (filled && objectives[0]) native.set(at, await drawNatively(objectives[0], minutes, RANGE_SECONDS));
    }
  })().catch((error: Error) => {
    if (!stop.signal.aborted) throw error;
  });

  await page.goto(`${gateway.url}/slos/${SLO}?range=1h`);
  await hydrated(page);
  await expect.poll(() => gateway.streams).toBe(1);
  gateway.letOnly((path) => path === STREAM);
  await expect(fetch(`${gateway.url}/api/v1/services`), "nothing else passes").rejects.toThrow();
  const asked = gateway.asked.length;

  const status = await get<SloStatus>(`${nines.url}/api/v1/slos/${SLO}/status`);
  const to = status.objectives[0]?.window.to ?? status.at;
  const from = new Date(Math.floor((Date.parse(to) / 1_000 - RANGE_SECONDS) / 60) * 60_000).toISOString();
  const past = await get<{ points: HistoryPoint[] }>(
    `${nines.url}/api/v1/slos/${SLO}/history?step=1m&from=${from}&to=${to}`,
  );
  for (const point of past.points) minutes.fill(point);
  filled = true;

  front.failing = true;
  const figures = new Set<string>();
  const agreed = new Set<string>();
  await expect(async () => {
    const shown = await drawn(page);
    expect(shown.geometry).toContain('class="line"');
    // The history has five minutes of which nothing is known.
    expect(shown.lane).toContain('class="gap"');
    figures.add(shown.geometry);
    for (const [at, figure] of native) {
      if (isDeepStrictEqual(drawingAsBrowserWrites(figure), shown)) agreed.add(at);
    }
    expect(agreed.size, "figures on which both agree").toBeGreaterThanOrEqual(AGREEMENTS);
  }).toPass({ timeout: AGREED_MILLISECONDS, intervals: [100] });
  expect(figures.size, "figures that were shown").toBeGreaterThanOrEqual(AGREEMENTS);
  expect(gateway.asked.slice(asked), "requests meanwhile").toEqual([]);

  // At rest there is one answer: the newest figure of both is the same.
  await expect(async () => {
    const newest = [...native.values()].at(-1) as Drawing;
    expect(await drawn(page)).toEqual(drawingAsBrowserWrites(newest));
  }).toPass({ timeout: 15_000, intervals: [100] });

  front.failing = false;
  stop.abort();
  await following;
  await gateway.close();
});
