import { expect, test } from "vitest";
import { daysLeft } from "./daysLeft";

test.each([
  ["2026-03-31T09:00:00Z", "2026-03-01T09:00:00Z", 30],
  ["2026-03-31T09:00:00Z", "2026-03-31T23:00:00Z", 0], // the whole last day
  ["2026-03-31T09:00:00Z", "2026-04-01T00:30:00Z", -1],
  ["2026-03-30T00:00:00Z", "2026-03-28T23:59:00Z", 2],
])("a request due %s has at %s so many days left: %i", (due, now, left) => {
  expect(daysLeft(due, new Date(now), "UTC")).toBe(left);
});

test("days are those of the organiser, also where clocks change", () => {
  const now = new Date("2026-03-27T23:30:00Z"); // the 28th in Berlin; on the 29th the clocks change
  expect(daysLeft("2026-03-30T21:30:00Z", now, "Europe/Berlin")).toBe(2);
  expect(daysLeft("2026-03-30T21:30:00Z", now, "UTC")).toBe(3);
});
