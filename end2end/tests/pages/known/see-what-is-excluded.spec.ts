// Nothing is left out in silence: what is excluded, by whom and why, and the figures with it beside those without it.
import { get, type ServiceStatus } from "../../../fixtures/api";
import { KNOWN_END } from "../../../fixtures/known";
import { cellsOf, tableOf } from "../../../fixtures/tables";
import { expect, known as test } from "../../../fixtures/test";

const ADDRESS = "/slos/pallets";
const MINUTE_MILLISECONDS = 60_000;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const end = () => Date.parse(process.env[KNOWN_END] ?? "");
const timeOfDay = (milliseconds: number) => new Date(milliseconds).toISOString().slice(11, 16);
const dayAndTime = (milliseconds: number) => {
  const date = new Date(milliseconds);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${timeOfDay(milliseconds)} UTC`;
};

test("the figures stand as measured and after exclusions", async ({ page }) => {
  await page.goto(ADDRESS);
  const table = tableOf(page, "Figures with and without exclusions");
  // 4,101 good of 4,800, of which 900 with 660 bad are excluded: 3,861 good of 3,900.
  await expect(cellsOf(table, "As measured")).toHaveText(["85.4 %", "699", "4,800", "100 %"]);
  await expect(cellsOf(table, "After exclusions")).toHaveText(["99.0 %", "39", "3,900", "100 %"]);
  await expect(page.locator("dl.stats .stat b").first(), "what counts is what is left").toHaveText("99.0 %");
  // 39 of 390.
  await expect(page.locator("dl.stats .stat b").nth(1)).toHaveText("90 %");
  // 5,400 s of 30 days are 0.21 %, rounded against us.
  await expect(page.getByText("are excluded")).toHaveText(
    "1 h 30 min are excluded, 0.3 % of the window, with 660 bad of 900 events.",
  );
});

test("each excluded stretch says when, what, by whom, why, and where it is declared", async ({ page }) => {
  await page.goto(ADDRESS);
  const table = tableOf(page, "Excluded stretches of the window");
  await expect(table.locator("tbody tr")).toHaveCount(2);
  const [work, wrong] = [end() - 30 * MINUTE_MILLISECONDS, end() - 240 * MINUTE_MILLISECONDS];
  for (const [place, begin, length, what, effect, why] of [
    // It goes on for a day after the end of the data.
    [0, work, "1 d", "New floor, maintenance", "events dropped", "The floor is renewed (depot-team)"],
    [1, wrong, "1 h", "Wrong scale, wrong measurement", "time removed", "The scale was wrong (weighing)"],
  ] as const) {
    const row = table.locator("tbody tr").nth(place);
    await expect(row.locator("th")).toContainText(timeOfDay(begin));
    await expect(row.locator("th")).toContainText(`for ${length}`);
    await expect(row.locator("td")).toHaveText([what, effect, why, /^known\.yaml:\d+$/]);
  }
});

test("a service at which people work is in maintenance, on its page and in the overview", async ({ page, baseURL }) => {
  const depot = await get<ServiceStatus>(`${baseURL}/api/v1/services/depot`);
  expect(depot.health).toBe("maintenance");
  const until = dayAndTime(end() + 1_440 * MINUTE_MILLISECONDS);
  const reason = `The floor is renewed, until ${until} (depot-team)`;
  expect(depot.reason).toBe(reason);
  await page.goto("/services/depot");
  await expect(page.locator(".headline .mark")).toHaveText("Maintenance");
  await expect(page.locator(".headline + .sub")).toContainText(reason);
  await expect(page.locator(".headline + .sub")).toContainText(/\(since .*\)/);
  await page.goto("/");
  const row = page.locator("tbody.service").filter({ has: page.getByRole("link", { name: "Depot", exact: true }) });
  await expect(row.locator(".c-health")).toContainText("Maintenance");
  await expect(row.locator(".c-health")).toContainText(reason);
  await expect(row.locator(".c-sli"), "the figures are those after exclusions").toContainText("99.0 %");
});

test("where nothing is excluded nothing is said about it", async ({ page }) => {
  await page.goto("/slos/orders");
  await expect(page.locator("dl.stats").first()).toContainText("99.0 %");
  await expect(page.getByRole("heading", { name: "Exclusions" })).toHaveCount(0);
  await expect(page.getByText("are excluded")).toHaveCount(0);
});
