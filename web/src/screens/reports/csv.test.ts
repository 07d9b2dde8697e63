import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Cell, csvOf, plainAmount } from "./csv";

/** What the lists of news are held to, too. */
const CELLS = JSON.parse(
  readFileSync(new URL("../../../../tests/unit/newsletter/cells.json", import.meta.url), "utf8"),
) as { formulas: string[]; texts: string[]; behindSeparators: [string, string][] };

const written = (cell: string): string => {
  const text = csvOf([[cell]]).slice(0, -"\r\n".length);
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
};

test.each<[Cell, string]>([
  [1234567.5, "1234567.5"],
  [-3, "-3"],
  [0, "0"],
  [null, ""],
  ["", ""],
  ["Gala", "Gala"],
  ["Gala, late", '"Gala, late"'],
  ['"Gala"', '"""Gala"""'],
  ["two\nlines", '"two\nlines"'],
  ["=1+1", "'=1+1"],
  ["-Gala", "'-Gala"],
  ["@home", "'@home"],
  ["+49, or less", '"\'+49, or less"'],
])("the cell %j is %j", (cell, text) => {
  expect(csvOf([[cell]])).toBe(`${text}\r\n`);
});

test.each(CELLS.formulas)("the formula %j is text", (cell) => {
  expect(written(cell)).toMatch(/^'/);
  expect(written(cell).replaceAll("'", "")).toBe(cell.replaceAll("'", ""));
});

test.each(CELLS.texts)("the text %j stays", (cell) => {
  expect(written(cell)).toBe(cell);
});

test.each(CELLS.behindSeparators)("%j is %j", (cell, safe) => {
  expect(written(cell)).toBe(safe);
});

test("rows are lines", () => {
  expect(
    csvOf([
      ["a", 1],
      ["b", null],
    ]),
  ).toBe("a,1\r\nb,\r\n");
  expect(csvOf([])).toBe("");
});

test.each([
  [123456, "EUR", 1234.56],
  [1500, "BHD", 1.5],
  [700, "JPY", 700],
  [-30, "USD", -0.3],
])("%i minor units of %s are %d", (minor, currency, amount) => {
  expect(plainAmount(minor, currency)).toBe(amount);
});
