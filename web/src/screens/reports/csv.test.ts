import { expect, test } from "vitest";
import { type Cell, csvOf, plainAmount } from "./csv";

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
  ["\uff1d1", "'\uff1d1"],
  [" =1", "' =1"],
  ["\u200b=1", "'\u200b=1"],
  ["\ufe0f=1", "'\ufe0f=1"],
  ["\u22121", "'\u22121"],
  ["Gala;=1+1", "Gala;'=1+1"],
  ["Gala|@x", "Gala|'@x"],
  ["Gala\t+1", "Gala\t'+1"],
  ["Gala,=1", '"Gala,\'=1"'],
  ['Gala;"\tx', '"Gala;\'""\tx"'],
  ["Gala|", "Gala|'"],
  ["Gala\r\n=1", '"Gala\r\n\'=1"'],
  ["a=b; c-d", "a=b; c-d"],
])("the cell %j is %j", (cell, text) => {
  expect(csvOf([[cell]])).toBe(`${text}\r\n`);
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
