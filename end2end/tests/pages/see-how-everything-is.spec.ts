// The overview answers "is anything wrong?" in one sentence, and then names every service, worst first.
import {
  budgetPercent,
  HEALTH_WORDS,
  services,
  type ServiceStatus,
  sliPercent,
  STATE_WORDS,
  targetPercent,
} from "../../fixtures/api";
import { expect, test } from "../../fixtures/test";

/** A figure may change between the API's answer and the page's; a second look is as good as the first. */
const TRIES = { timeout: 20_000, intervals: [500] };
const DEMO_SERVICES = 9;

/** Down, breached, degraded, at risk, unknown, maintenance, well: as the sentence names them. */
function severity({ health, objectives }: ServiceStatus): number {
  const now = { down: 0, degraded: 2, unknown: 4, maintenance: 5, up: 6 }[health];
  const over = { breached: 1, at_risk: 3, no_data: 4, no_traffic: 6, met: 6 };
  return Math.min(now, ...objectives.map(({ state }) => over[state]));
}

test("every service is there with health, state, SLI, target and budget", async ({ page, baseURL }) => {
  await expect(async () => {
    const all = await services(baseURL ?? "");
    await page.goto("/");
    expect(all).toHaveLength(DEMO_SERVICES);
    await expect(page.locator("tbody.service")).toHaveCount(all.length);
    for (const service of all) {
      const row = page.locator("tbody.service").filter({ has: page.getByRole("link", { name: service.display_name, exact: true }) });
      const now = { timeout: 100 };
      await expect(row.locator(".c-health")).toContainText(HEALTH_WORDS[service.health], now);
      // The list is quiet about what needs no attention.
      if (service.health !== "up") await expect(row.locator(".c-health")).toContainText(service.reason, now);
      for (const objective of service.objectives) {
        const line = row.locator("tr").filter({ has: page.locator(`a[href="/slos/${objective.slo}"]`) });
        await expect(line.locator(".c-state")).toContainText(STATE_WORDS[objective.state], now);
        await expect(line.locator(".c-sli")).toContainText(sliPercent(objective), now);
        await expect(line.locator(".c-sli")).toContainText(`target ${targetPercent(objective.target)} %`, now);
        await expect(line.locator(".c-budget")).toContainText(budgetPercent(objective), now);
        await expect(line.locator("svg.strip")).toHaveAttribute("aria-label", /./, now);
      }
    }
  }).toPass(TRIES);
});

test("the worst comes first, and the sentence begins with it", async ({ page, baseURL }) => {
  await expect(async () => {
    const all = await services(baseURL ?? "");
    await page.goto("/");
    const names = await page.locator("tbody.service a.name").allInnerTexts();
    const order = names.map((name) => severity(all.find(({ display_name }) => display_name === name.trim()) as ServiceStatus));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    const sentence = page.getByRole("heading", { level: 1 });
    await expect(sentence).toHaveText(/^[A-Z].*\.$/);
    const first = order.filter((one) => one === order[0]).length;
    if (first === 1 && order[0] !== 6) await expect(sentence).toHaveText(new RegExp(`^${names[0]?.trim()} is `));
  }).toPass(TRIES);
});

test("the sentence is followed by how many objectives are met, and at what coverage", async ({ page }) => {
  await page.goto("/");
  await expect(page.locator("h1 + .sub")).toHaveText(/^\d+ of \d+ objectives are met over the whole window\. Lowest coverage [\d.]+ %\.$/);
});

test("what is not measured is said to be unknown, never good or bad", async ({ page }) => {
  await page.goto("/");
  const ledger = page.locator("tbody.service").filter({ hasText: "Ledger" });
  await expect(ledger.locator(".c-health")).toContainText("Unknown");
  await expect(ledger.locator(".c-state")).toContainText("No data");
  await expect(ledger.locator(".c-sli")).toContainText("—");
  await expect(ledger).not.toContainText("100 %");
});

test("the plain HTML is complete and fits the policy", async ({ request, baseURL }) => {
  const answer = await request.get("/", { headers: { accept: "text/html" } });
  const [html, policy] = [await answer.text(), answer.headers()["content-security-policy"] ?? ""];
  for (const { display_name, objectives } of await services(baseURL ?? "")) {
    expect(html).toContain(display_name);
    for (const { slo } of objectives) expect(html).toContain(`/slos/${slo}`);
  }
  expect(html).not.toMatch(/<[^>]+\sstyle=/);
  expect(html).not.toMatch(/<[^>]+\son[a-z]+=/);
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
  expect(policy).toBe(
    `default-src 'none'; script-src 'self' 'nonce-${nonce}' 'wasm-unsafe-eval'; style-src 'self'; ` +
      "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
  const inline = [...html.matchAll(/<script(?![^>]*\ssrc=)([^>]*)>/g)].map(([, attributes]) => attributes);
  for (const attributes of inline) expect(attributes).toContain(`nonce="${nonce}"`);
});
