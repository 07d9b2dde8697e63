import { expect, test } from "vitest";
import { nextOf, together } from "./timeline";

const rows = (...days: number[]) => days.map((day) => ({ at: new Date(Date.UTC(2024, 0, day)) }));
const days = (found: { at: Date }[]) => found.map(({ at }) => at.getUTCDate());

test("what is known whole is one list, the newest first", () => {
  const sources = [
    { rows: rows(9, 5, 1), more: false },
    { rows: rows(7, 3), more: false },
    { rows: [], more: false },
  ];
  expect(days(together(sources))).toEqual([9, 7, 5, 3, 1]);
  expect(nextOf(sources)).toEqual([]);
});

test("nothing is shown that something unknown may lie before", () => {
  const sources = [
    { rows: rows(9, 8), more: true }, // older ones may be of the 7th
    { rows: rows(9, 4), more: true },
    { rows: rows(8, 7, 6), more: false },
  ];
  expect(days(together(sources))).toEqual([9, 9, 8, 8]);
  // The first one holds the others back.
  expect(nextOf(sources)).toEqual([0]);
});

test("sources that end at one moment go on together", () => {
  const sources = [
    { rows: rows(5), more: true },
    { rows: rows(9, 5), more: true },
  ];
  expect(nextOf(sources)).toEqual([0, 1]);
});
