import { expect, test } from "vitest";
import { attendance } from "./attendance";

const NOW = new Date("2026-05-01T19:00:00Z");
const BEFORE = "2026-05-01T18:59:59Z";
const AFTER = "2026-05-01T19:00:01Z";

test.each([
  [AFTER, null, "to come"],
  [AFTER, 0, "to come"],
  [AFTER, 2, "2 checked in"],
  [BEFORE, null, "check-in not recorded"],
  [BEFORE, 0, "did not show up"],
  [BEFORE, 1, "1 checked in"],
  [null, null, "check-in not recorded"],
  [null, 0, "did not show up"],
])("an event that begins %s, with %s checked in: %s", (startsAt, checkedIn, words) => {
  expect(attendance({ name: "Gala", startsAt, tickets: 2, checkedIn }, NOW)).toBe(words);
});
