import { expect, test } from "vitest";
import { LASTS, leftOf } from "./session";

test("a sign-in lasts as long as it lasts", () => {
  expect(leftOf(1_000, 1_000_000)).toBe(LASTS);
  expect(leftOf("1000", 1_000_000 + LASTS)).toBe(0);
  expect(leftOf(1_000, 1_000_001 + LASTS)).toBe(-1);
});
