import { expect, test } from "vitest";
import { typedNumber } from "./typing";

test.each([
  ["30", 0, 30],
  ["007", 0, 7],
  ["99.90", 2, 99.9],
  ["99,90", 2, 99.9],
  ["99.", 2, 99],
  ["99.", 0, 99],
  [" 5 ", 0, 5],
  ["1.234", 3, 1.234],
])("%s with %i decimals is %d", (text, digits, wanted) => {
  expect(typedNumber(text, digits)).toBe(wanted);
});

test.each([
  ["", 2],
  ["99.9", 0],
  ["99.905", 2],
  ["1,000.00", 2],
  ["1.000,00", 2],
  ["1 000", 2],
  ["-5", 2],
  ["1e3", 2],
  ["x", 2],
  [".", 2],
  [".5", 2],
])("%s with %i decimals is no number, and never another one", (text, digits) => {
  expect(typedNumber(text, digits)).toBeNull();
});
