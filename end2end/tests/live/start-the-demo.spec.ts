// The demo has a page for its visitor within ten seconds.
import { DEMO_FIRST_PAGE } from "../../fixtures/demo";
import { expect, test } from "../../fixtures/test";

/** Promised for a start with an empty data directory. */
const FIRST_PAGE_MILLISECONDS = 10_000;

test("the first page is there within ten seconds", () => {
  expect(Number(process.env[DEMO_FIRST_PAGE])).toBeLessThan(FIRST_PAGE_MILLISECONDS);
});
