// "What if it were declared differently?": the form, the answer by hand and by the API, and an address to share.
import { STATE_WORDS } from "../../../fixtures/api";
import { KNOWN_END } from "../../../fixtures/known";
import { tabTo } from "../../../fixtures/keyboard";
import { activity, percentUp, times, whatIf } from "../../../fixtures/proposal";
import { cellsOf, tableOf } from "../../../fixtures/tables";
import { expect as base, known as test, type Page } from "../../../fixtures/test";

const ADDRESS = "/slos/orders";
/** Of the orders 1 % is bad, of what is allowed by the 95 % of the first objective a fifth. */
const DECLARED = "met with 80.0 % of the budget left";
/** Four weeks are judged twice, one proposal after the other, without optimisation and beside other tests. */
const ANSWER_MILLISECONDS = 40_000;
/** Some journeys ask four times. */
const JOURNEY_MILLISECONDS = 180_000;
/** Where a minute ends between the page's answer and the API's, a second look is as good as the first. */
const TRIES = { timeout: 120_000, intervals: [500] };

const expect = base.configure({ timeout: ANSWER_MILLISECONDS });
test.describe.configure({ timeout: JOURNEY_MILLISECONDS });

const panel = (page: Page) => page.getByRole("region", { name: "What if" });
const said = (page: Page) => panel(page).locator(".said");
const compare = (page: Page) => panel(page).getByRole("button", { name: "Compare" }).click();

/** The middle of the minute as of which the answer says that it is. */
async function minuteOf(page: Page): Promise<string> {
  const [, day, month, minute] = /As of (\d+) (\w+) (\d\d:\d\d) UTC\./.exec(await said(page).innerText()) ?? [];
  const year = new Date(process.env[KNOWN_END] ?? "").getUTCFullYear();
  return new Date(`${day} ${month} ${year} ${minute}:30 UTC`).toISOString().replace(".000Z", "Z");
}

test("the form says what is declared, and teaches with questions that are links", async ({ page }) => {
  await page.goto(ADDRESS);
  const form = panel(page).locator("form");
  await expect(form.getByLabel("Target, %")).toHaveAttribute("placeholder", "95");
  await expect(form.getByLabel("Window", { exact: true })).toHaveAttribute("placeholder", "30 days");
  await expect(form.getByLabel("Objective")).toHaveValue("committed");
  await expect(form.getByLabel("Counting").locator("option")).toHaveText([
    "as declared, Occurrences",
    "Occurrences",
    "Timeslices",
    "RatioTimeslices",
  ]);
  await expect(said(page)).toHaveCount(0);
  await panel(page).getByRole("link", { name: "99.5 %", exact: true }).click();
  await expect(page).toHaveURL(/\/slos\/orders\?target=99\.5#what-if$/);
  await expect(said(page)).toContainText("At 99.5 % over the last 30 d");
  await expect(form.getByLabel("Target, %")).toHaveValue("99.5");
});

test("a stricter target says what becomes of state, budget, breaches and alerts", async ({ page, baseURL }) => {
  await expect(async () => {
    await page.goto(ADDRESS);
    await panel(page).getByLabel("Target, %").fill("99.5");
    await compare(page);
    await expect(page).toHaveURL(/[?&]target=99\.5&.*#what-if$/);
    // Allowed are 240 of 48,000, and 480 are bad.
    await expect(said(page).locator("p").first()).toHaveText(
      `At 99.5 % over the last 30 d the state would now be breached with −100 % of the budget left, instead of ${DECLARED}.`,
    );
    const table = tableOf(page, "As declared and as changed");
    await expect(cellsOf(table, "Declaration")).toHaveText(["95 % over the last 30 d", "99.5 % over the last 30 d"]);
    await expect(cellsOf(table, "SLI")).toHaveText(["99.0 %", "99.00 %"]);
    // A budget of 5 % of 30 days is 36 h, of 0.5 % 3 h 36 min.
    await expect(cellsOf(table, "Budget left")).toHaveText(["80 %, 1 d 4 h left", "−100 %, 3 h 36 min over"]);
    await expect(cellsOf(table, "State")).toHaveText(["Met", "Breached"]);

    // The data are in whole minutes, so at each second of the page's minute the answer is the same.
    const at = await minuteOf(page);
    const { before, after } = await whatIf(baseURL, "orders", `target=99.5&at=${at}`);
    expect([before, after].map(({ status }) => STATE_WORDS[status.state])).toEqual(["Met", "Breached"]);
    const now = { timeout: 100 };
    const shares = [before, after].map(({ breached_share: share }) => percentUp(share));
    expect(new Set(shares).size, "a target that is missed was breached for longer").toBe(2);
    await expect(cellsOf(table, "Time breached, last 28 d")).toHaveText(shares, now);
    await expect(said(page)).toContainText(`breached for ${shares[1]} of the last 28 d, instead of ${shares[0]}.`, now);
    const names = [...new Set([before, after].flatMap(({ rules, unreachable }) => [...rules.map(({ policy }) => policy), ...unreachable]))];
    expect(names.length, "rules").toBeGreaterThan(3);
    let changed = 0;
    for (const name of names) {
      await expect(cellsOf(table, name)).toHaveText([activity(before, name), activity(after, name)], now);
      const [was, would] = [before, after].map(({ rules }) => rules.find(({ policy }) => policy === name)?.firings);
      if (was === undefined || would === undefined || was === would) continue;
      changed += 1;
      await expect(said(page)).toContainText(`${name} would have fired ${times(would)} instead of ${times(was)}.`, now);
    }
    expect(changed, "rules that fire more often").toBeGreaterThan(0);
  }).toPass(TRIES);
});

test("a shorter window leaves the bad hour behind", async ({ page }) => {
  await page.goto(ADDRESS);
  await panel(page).getByLabel("Window", { exact: true }).fill("2h");
  await compare(page);
  await expect(said(page)).toContainText(`At 95 % over the last 2 h the state would now be met with 100 % of the budget left, instead of ${DECLARED}.`);
});

test("a window of the calendar is of the zone that is asked for", async ({ page }) => {
  await page.goto(ADDRESS);
  await panel(page).getByLabel("Window", { exact: true }).fill("year");
  await panel(page).getByLabel("Zone of a calendar window").fill("Europe/Paris");
  await compare(page);
  await expect(said(page)).toContainText("At 95 % over the calendar year in Europe/Paris the state would now be met with ");
});

test("counted in minutes it is what the objective that counts them says", async ({ page }) => {
  await page.goto(ADDRESS);
  await expect(panel(page).getByLabel("Slice", { exact: true }), "events have no slices").toHaveCount(0);
  await panel(page).getByLabel("Counting").selectOption("Timeslices");
  await compare(page);
  await expect(panel(page).getByLabel("Counting")).toHaveValue("Timeslices");
  await panel(page).getByLabel("Slice", { exact: true }).fill("1m");
  await panel(page).getByLabel("Slice target, %").fill("90");
  await compare(page);
  // Ten bad of 480 minutes, of 24 that are allowed.
  await expect(said(page)).toContainText(
    `At 95 % over the last 30 d in slices of 1 min, good from 90 % on the state would now be met with 58.3 % of the budget left, instead of ${DECLARED}.`,
  );
  await expect(cellsOf(tableOf(page, "As declared and as changed"), "SLI").nth(1)).toHaveText("97.9 %");
  await page.goto("/slos/orders-minutes");
  await expect(page.locator("dl.stats .stat").first()).toContainText("97.9 %");
});

test("each objective of an SLO can be asked about", async ({ page }) => {
  await page.goto(ADDRESS);
  await panel(page).getByLabel("Objective").selectOption("stretch");
  await panel(page).getByLabel("Target, %").fill("95");
  await compare(page);
  await expect(said(page)).toContainText(
    "At 95 % over the last 30 d the state would now be met with 80.0 % of the budget left, instead of breached with −100 % of the budget left.",
  );
  await expect(panel(page).getByLabel("Objective")).toHaveValue("stretch");
  await expect(panel(page).getByLabel("Target, %")).toHaveAttribute("placeholder", "99.5");
});

test("whoever gets the address sees the same answer in the same form", async ({ page, browser, watch, javaScriptEnabled }) => {
  await page.goto(ADDRESS);
  await panel(page).getByLabel("Target, %").fill("99.5");
  await panel(page).getByLabel("Window", { exact: true }).fill("7d");
  await compare(page);
  await expect(said(page)).toContainText("At 99.5 % over the last 7 d");
  const context = await browser.newContext({ javaScriptEnabled });
  await watch.follow(context);
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(said(other).locator("p").first()).toHaveText(await said(page).locator("p").first().innerText());
  await expect(panel(other).getByLabel("Target, %")).toHaveValue("99.5");
  await expect(panel(other).getByLabel("Window", { exact: true })).toHaveValue("7d");
  await context.close();
});

test("the range and the question leave each other alone", async ({ page }) => {
  await page.goto(`${ADDRESS}?range=24h`);
  const ranges = page.getByRole("navigation", { name: "Time range" });
  const range = (name: string) => ranges.getByRole("link", { name });
  await panel(page).getByLabel("Target, %").fill("99.5");
  await compare(page);
  await expect(page).toHaveURL(/\?range=24h&.*target=99\.5/);
  await expect(range("24 hours")).toHaveAttribute("aria-current", "true");
  const sentence = "At 99.5 % over the last 30 d the state would now be breached";
  await expect(said(page)).toContainText(sentence);
  await range("1 hour").click();
  await expect(page).toHaveURL(/\?range=1h&.*target=99\.5/);
  await expect(range("1 hour")).toHaveAttribute("aria-current", "true");
  await expect(page.locator("figure caption").first()).toContainText("Steps of 1 min,");
  await expect(said(page)).toContainText(sentence);
  await expect(panel(page).getByLabel("Target, %")).toHaveValue("99.5");
  // Asked again, it is asked over the range that is shown now.
  await panel(page).getByLabel("Target, %").fill("99");
  await compare(page);
  await expect(page).toHaveURL(/\?range=1h&.*target=99&/);
  await expect(said(page)).toContainText("At 99 % over the last 30 d");
  await panel(page).getByRole("link", { name: "As declared" }).click();
  await expect(page).toHaveURL(/\/slos\/orders\?range=1h$/);
  await expect(said(page)).toHaveCount(0);
  await expect(panel(page).getByLabel("Target, %")).toHaveValue("");
});

for (const [field, text, message] of [
  ["Target, %", "abc", "`target` is `abc`, which is no percentage above 0 and up to 100"],
  ["Target, %", "0", "`target` is `0`, which is no percentage above 0 and up to 100"],
  ["Window", "soon", "`window` is `soon`, which is neither a length of time such as `30d` nor `day`"],
  ["Window", "500d", "a window of more than 400 days is longer than slices are kept"],
] as const) {
  test(`${field} "${text}" is refused in words, and nothing that was typed is lost`, async ({ page }) => {
    const typed: Record<string, string> = { "Target, %": "99.5", Window: "7d", "Zone of a calendar window": "Asia/Tokyo", [field]: text };
    await page.goto(`${ADDRESS}?range=24h`);
    for (const [label, value] of Object.entries(typed)) await panel(page).getByLabel(label, { exact: true }).fill(value);
    await panel(page).getByLabel("Objective").selectOption("stretch");
    await compare(page);
    const refused = panel(page).locator(".refused");
    await expect(refused).toContainText("This cannot be answered: ");
    await expect(refused).toContainText(message);
    await expect(panel(page).locator("form")).toHaveAccessibleDescription(await refused.innerText());
    for (const [label, value] of Object.entries(typed)) await expect(panel(page).getByLabel(label, { exact: true })).toHaveValue(value);
    await expect(panel(page).getByLabel("Objective")).toHaveValue("stretch");
    await expect(page).toHaveURL(/range=24h/);
    await expect(said(page), "there is no answer").toHaveCount(0);
    // The page itself stands: 1 % bad.
    await expect(page.locator("dl.stats").first()).toContainText("99.0 %");

    await panel(page).getByLabel(field, { exact: true }).fill(field === "Window" ? "7d" : "99.5");
    await compare(page);
    await expect(refused).toHaveCount(0);
    await expect(said(page)).toContainText("At 99.5 % over the last 7 d");
  });
}

test("an address that nobody typed into the form is refused in words, too", async ({ page }) => {
  for (const [query, message] of [
    ["slice=1m", "Occurrences counts events, not slices"],
    ["method=Perhaps", "`method` is `Perhaps`, which is none of `Occurrences`, `Timeslices` and `RatioTimeslices`"],
    ["window=month&zone=Atlantis", "the window: "],
    ["target=%3Cb%3Eabc%3C%2Fb%3E", "`target` is `<b>abc</b>`"],
  ] as const) {
    const answer = await page.goto(`${ADDRESS}?${query}`);
    expect(answer?.status(), query).toBe(200);
    await expect(panel(page).locator(".refused")).toContainText(message);
    await expect(page.locator("dl.stats").first()).toContainText("99.0 %");
  }
});

test("the whole form can be used without a pointer", async ({ page }) => {
  await page.goto(ADDRESS);
  await tabTo(page, '#what-if select[name="objective"]');
  await tabTo(page, '#what-if input[name="target"]');
  await page.keyboard.type("99.5");
  await page.keyboard.press("Tab");
  await expect(panel(page).getByLabel("Window", { exact: true })).toBeFocused();
  await page.keyboard.type("7d");
  await tabTo(page, '#what-if input[name="zone"]');
  await tabTo(page, '#what-if select[name="method"]');
  await tabTo(page, "#what-if button[type=submit]");
  await page.keyboard.press("Enter");
  await expect(said(page)).toContainText("At 99.5 % over the last 7 d");
  await expect(panel(page).locator("h2"), "the answer is in sight").toBeInViewport();
  await tabTo(page, "#what-if a.button");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/slos\/orders$/);
});
