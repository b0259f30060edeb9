// What a screen reader is told of each page: its landmarks, headings, names and figures, in order. Figures that move
// are patterns; words, names and structure are not. A colon would be YAML, so patterns have a dot in its place.
import { expect, test } from "../../fixtures/test";

/** Narrower than this the services are cards, without column heads. */
const TABLE_WIDTH = 1_040;

const PERCENT = String.raw`(−?[\d,.]+ %|—)`;
const BUDGET = String.raw`(${PERCENT}, [\dhmins ]+ (left|over)|not known)`;
const BURN = String.raw`([\d,.]+×|—)`;
const AGE = String.raw`(\d+ \w+|—)`;
const STATE = "(Met|At risk|Breached|No data|No traffic)";
const HEALTH = "(Up|Degraded|Down|Unknown)";
const TIER = "(Quiet|Firing|Frozen)( since .*)?( .* speaks for it)?";

/** The cells of an objective of the demo. */
const cells = (name: string, address: string, target: string) => `
    - cell /^${STATE} ${name}$/:
      - link "${name}":
        - /url: ${address}
    - cell /^${PERCENT} target ${target} %$/
    - cell /^${BUDGET}$/
    - cell /${BURN}$/`;

/** The way to a page below the overview. */
const trail = (parent: string) => `
  - navigation "Where this is":
    - list:
      - listitem:
        - link "Overview"
      - listitem:
        - link "${parent}"`;

test("the overview", async ({ page, viewport }) => {
  await page.goto("/");
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
- main:
  - heading /^[A-Z].+\\.$/ [level=1]
  - paragraph: /^\\d+ of \\d+ objectives are met over the whole window\\. Lowest coverage [\\d.]+ %\\.$/
  - navigation "Groups":
    - list:
      - listitem:
        - link /^All \\d+$/
      - listitem:
        - link /^Discovery \\d+$/
      - listitem:
        - link /^Identity \\d+$/
      - listitem:
        - link /^Money \\d+$/
      - listitem:
        - link /^Platform \\d+$/
  - search:
    - searchbox "Search services"
    - button "Search"
  - table "Services and their objectives, worst first"
`);
  const table = page.getByRole("table", { name: "Services and their objectives, worst first" });
  if ((viewport?.width ?? 0) > TABLE_WIDTH) {
    await expect(table).toMatchAriaSnapshot(`
- table:
  - rowgroup:
    - row:
      - columnheader "Health"
      - columnheader "Service"
      - columnheader "Objective"
      - columnheader "SLI / target"
      - columnheader "Error budget left"
      - columnheader "Burn 1 h"
      - columnheader "30 days to today"
      - columnheader "Data age"
`);
  }
  await expect(table.getByRole("rowgroup").filter({ hasText: "Images" })).toMatchAriaSnapshot(`
- rowgroup:
  - row:
    - cell /^${HEALTH} since .* UTC/
    - rowheader /^Images Platform · platform$/:
      - link "Images":
        - /url: /services/images${cells("Images answer", "/slos/images-availability", "99\\.5")}
    - cell /^30 days. .*\\.$/:
      - img /^30 days. .*\\.$/
    - cell /${AGE}$/
`);
});

test("a service", async ({ page }) => {
  await page.goto("/services/checkout");
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
- main:${trail("Money")}
  - heading "Checkout" [level=1]
  - text: /^${HEALTH}$/
  - paragraph: /\\(since .* UTC\\)$/
  - paragraph: Takes orders.
  - term: Owner
  - definition: payments-core
  - term: Name
  - definition: checkout
  - heading "Objectives" [level=2]
  - table "Objectives of the service"
`);
  const rows = page.getByRole("table", { name: "Objectives of the service" }).getByRole("row");
  for (const [name, slo, target] of [
    ["Checkout answers", "checkout-availability", "99\\.9"],
    ["Checkout is fast", "checkout-latency", "99"],
  ] as const) {
    await expect(rows.filter({ hasText: name })).toMatchAriaSnapshot(`
- row:${cells(name, `/slos/${slo}`, target)}
`);
  }
});

test("an objective", async ({ page }) => {
  await page.goto("/slos/search-availability");
  await page.locator("details").evaluateAll((all) => all.forEach((details) => details.setAttribute("open", "")));
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
- main:${trail("Search")}
  - heading "Search answers" [level=1]
  - text: /^${STATE} .+$/
  - paragraph: /^99\\.9 % good over 30 days\\./
  - term: Search now
  - definition: /^${HEALTH}$/
  - term: Measured by
  - definition: /^GET http.* every 5 s, good. status 200-399$/
  - term: Declared in
  - definition
  - heading "Objective 99.9" [level=2]
  - term: SLI
  - definition: /^${PERCENT} target 99\\.9 %$/
  - term: Budget left
  - definition: /^${PERCENT} .+ (of|over) .+$/
  - term: Burn, 1 h
  - definition: /^${BURN} ${BURN} over 6 h$/
  - term: Exhausted
  - definition
  - term: Coverage
  - definition: /^${PERCENT} (.+ unknown|no gap)$/
  - navigation "Time range":
    - list:
      - listitem:
        - link "1 hour"
      - listitem:
        - link "24 hours"
      - listitem:
        - link "7 days"
      - listitem:
        - link "Whole window"
  - figure "Error budget left":
    - heading "Error budget left" [level=3]
    - paragraph: /\\.$/
    - list:
      - listitem: Budget left
      - listitem: Spending evenly
      - listitem: Not measured
      - listitem: Measured in part, hatched as high as the gap
  - figure "SLI over time":
    - heading "SLI over time" [level=3]
    - paragraph: /\\.$/
    - list:
      - listitem: /^SLI of each \\d+ h$/
      - listitem: Target 99.9 %
      - listitem: Below the target
      - listitem: Not measured
    - group:
      - region "Data table of SLI and error budget":
        - table /^Steps of \\d+ h, newest first, as of .* UTC\\.$/
  - heading "Burn-rate tiers" [level=3]
  - table "Burn-rate tiers"
  - group:
    - heading "How computed" [level=3]
    - text: /as of .* UTC/
    - term: As of
    - definition
`);
  await expect(page.getByRole("table", { name: "Burn-rate tiers" })).toMatchAriaSnapshot(`
- table:
  - rowgroup:
    - row /^14\\.4x over 1 h ${BURN} over 1 h ${BURN} over 5 min ${TIER}$/
    - row /^6x over 6 h ${BURN} over 6 h ${BURN} over 30 min ${TIER}$/
    - row /^3x over 24 h ${BURN} over 1 d ${BURN} over 2 h ${TIER}$/
    - row /^1x over 72 h ${BURN} over 3 d ${BURN} over 6 h ${TIER}$/
`);
});
