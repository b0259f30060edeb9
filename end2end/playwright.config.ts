// How the journeys run: which pages with which browser, with JavaScript off and on, on a desktop and on a phone.
//
// NINES_RUN chooses what runs: `journeys` (the default), `pictures` or `leak`.
import { defineConfig, type Project } from "@playwright/test";

import { DESKTOP, launchOptions, PHONE } from "./fixtures/browser";

/** The longest that a single test may take; starting a database of its own is in it. */
const TEST_MILLISECONDS = 90_000;
/** The longest that a page may take to show what is expected of it, unless the test says otherwise. */
const EXPECT_MILLISECONDS = 10_000;
/** As many as the smallest machine has cores; the server under test needs one of them. */
const WORKERS = 2;

/** Everything that is complete without a client, then what only a client adds. */
const journeys: Project[] = [
  { name: "start", testDir: "tests/start", use: { javaScriptEnabled: false, viewport: DESKTOP } },
  { name: "script-off-desktop", testDir: "tests/pages", use: { javaScriptEnabled: false, viewport: DESKTOP } },
  { name: "script-off-phone", testDir: "tests/pages", use: { javaScriptEnabled: false, viewport: PHONE } },
  { name: "script-on-desktop", testMatch: ["**/tests/pages/**", "**/tests/client/**"], use: { viewport: DESKTOP } },
  { name: "script-on-phone", testMatch: ["**/tests/pages/**", "**/tests/client/**"], use: { viewport: PHONE } },
  // Each of these runs a server of its own, and none depends on the width of the window.
  { name: "live", testDir: "tests/live", use: { viewport: DESKTOP } },
].map((project) => (project.name === "start" ? project : { ...project, dependencies: ["start"] }));

const single = (name: string, file: string): Project[] => [
  { name: "start", testDir: "tests/start", use: { javaScriptEnabled: false, viewport: DESKTOP } },
  { name, testMatch: `**/${file}`, dependencies: ["start"] },
];

const runs: Record<string, Project[]> = {
  journeys,
  pictures: single("pictures", "screenshots.ts"),
  leak: single("leak", "leak.ts"),
};

const run = process.env["NINES_RUN"] ?? "journeys";
const projects = runs[run];
if (!projects) throw new Error(`NINES_RUN is "${run}"; use one of ${Object.keys(runs).join(", ")}`);

export default defineConfig({
  projects,
  fullyParallel: true,
  forbidOnly: !!process.env["CI"],
  // A test that passes only at the second try is printed as flaky: something to mend.
  retries: process.env["CI"] ? 1 : 0,
  workers: WORKERS,
  timeout: TEST_MILLISECONDS,
  expect: { timeout: EXPECT_MILLISECONDS },
  reporter: [["list"]],
  outputDir: "test-results/artifacts",
  globalSetup: "./fixtures/setup.ts",
  use: {
    locale: "en-US",
    timezoneId: "UTC",
    // The pages say that their times are UTC; a trace of what went wrong is worth its megabytes.
    trace: "retain-on-failure",
    launchOptions,
  },
});
