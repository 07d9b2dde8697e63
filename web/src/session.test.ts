import { expect, test } from "vitest";
import { isRecent, LASTS, leftOf } from "./session";

test("a sign-in lasts as long as it lasts", () => {
  expect(leftOf(1_000, 1_000_000)).toBe(LASTS);
  expect(leftOf("1000", 1_000_000 + LASTS)).toBe(0);
  expect(leftOf(1_000, 1_000_001 + LASTS)).toBe(-1);
});

test("a sign-in is recent for five minutes", () => {
  expect(isRecent(1_000, 301_000)).toBe(true);
  expect(isRecent(1_000, 301_001)).toBe(false);
});
