import { expect, test } from "vitest";
import { topOf } from "./scale";

test.each([
  [0, 2],
  [1, 2],
  [3, 4],
  [5, 6],
  [9, 10],
  [10, 10],
  [39, 40],
  [41, 50],
  [359.4, 400],
  [1_000, 1_000],
  [12_345, 20_000],
  [9_876_543_210, 10_000_000_000],
])("a scale that reaches to %d ends at %d", (most, top) => {
  expect(topOf(most)).toBe(top);
});
