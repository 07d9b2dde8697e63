import { expect, test } from "vitest";
import { cohortRows, daysOf, isEmpty, monthsIn, shadeOf } from "./cohorts";

const COHORTS = [
  { month: "2024-01", customers: 40, active: [40, 14, 0] },
  { month: "2024-02", customers: 0, active: [0, 0] },
  { month: "2024-03", customers: 5, active: [5] },
];

test("a table has a column for each month that the oldest was followed", () => {
  expect(monthsIn(COHORTS)).toBe(3);
  expect(monthsIn([])).toBe(0);
  expect(cohortRows(COHORTS, ["Month", "People"])).toEqual([
    ["Month", "People", 0, 1, 2],
    ["2024-01", 40, 40, 14, 0],
    ["2024-02", 0, 0, 0, null],
    ["2024-03", 5, 5, null, null],
  ]);
});

test("nobody may be in any", () => {
  expect(isEmpty(COHORTS)).toBe(false);
  expect(isEmpty([{ month: "2024-02", customers: 0, active: [0] }])).toBe(true);
  expect(isEmpty([])).toBe(true);
});

test.each([
  ["2024-02", "2024-02-01", "2024-02-29"],
  ["2023-12", "2023-12-01", "2023-12-31"],
])("the month %s is from %s to %s", (month, from, to) => {
  expect(daysOf(month)).toEqual({ from, to });
});

test.each([
  [0, 40, 0],
  [0, 0, 0],
  [20, 40, 0.23],
  [40, 40, 0.4],
  [50, 40, 0.4],
])("%i of %i are shaded %d", (part, whole, shade) => {
  expect(shadeOf(part, whole)).toBeCloseTo(shade);
});
