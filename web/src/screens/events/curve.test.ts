import { expect, test } from "vitest";
import { curveOf } from "./curve";

const sold = (day: string, tickets: number) => ({ day, tickets });

test("days before the event, one by one", () => {
  const days = [sold("2026-05-08", 2), sold("2026-05-10", 1)];
  expect(curveOf(days, "2026-05-10", "2026-06-01")).toEqual({
    length: 1,
    stretches: [
      { day: "2026-05-08", before: 2, earlier: 0, sold: 2 },
      { day: "2026-05-09", before: 1, earlier: 2, sold: 0 },
      { day: "2026-05-10", before: 0, earlier: 2, sold: 1 },
    ],
  });
});

test("an event to come has nothing behind today", () => {
  const { stretches } = curveOf([sold("2026-05-01", 2)], "2026-05-10", "2026-05-03");
  expect(stretches.map((one) => one.before)).toEqual([9, 8, 7]);
});

test("what is sold at the door or later is in the last", () => {
  const days = [sold("2026-05-09", 2), sold("2026-05-10", 1), sold("2026-05-13", 4)];
  const { stretches } = curveOf(days, "2026-05-10", "2026-06-01");
  expect(stretches.map((one) => one.sold)).toEqual([2, 5]);
});

test.each([
  ["2026-04-20", 1],
  ["2026-03-01", 7],
  ["2025-06-01", 14],
  ["2020-01-01", 91],
  ["1980-01-01", 565],
])("sold from %s on, a bar is %s days, and no ticket is lost", (first, length) => {
  const days = [sold(first, 3), sold("2026-05-01", 2)];
  const found = curveOf(days, "2026-05-10", "2026-06-01");
  expect(found.length).toBe(length);
  expect(found.stretches.length).toBeLessThanOrEqual(31);
  const last = found.stretches.at(-1);
  expect((last?.earlier ?? 0) + (last?.sold ?? 0)).toBe(5);
  expect(last?.before).toBe(0);
});

test("all that is sold was sold after the event", () => {
  const { stretches } = curveOf([sold("2026-05-12", 1)], "2026-05-10", "2026-06-01");
  expect(stretches).toEqual([{ day: "2026-05-10", before: 0, earlier: 0, sold: 1 }]);
});

test("nothing sold is no curve", () => {
  expect(curveOf([], "2026-05-10", "2026-06-01").stretches).toEqual([]);
});
