import { expect, test } from "vitest";
import {
  type By,
  dayAfter,
  isCalendarDay,
  monthBefore,
  newIn,
  orderedIn,
  peopleOf,
  stretchOf,
} from "./periods";

test.each<[string, By, string | undefined, string]>([
  ["2024-02-10", "day", undefined, "2024-02-10"],
  ["2024-02-05", "week", undefined, "2024-02-11"], // a Monday
  ["2024-02-08", "week", undefined, "2024-02-11"], // cut at its beginning
  ["2024-02-11", "week", undefined, "2024-02-11"], // a Sunday
  ["2024-02-05", "week", "2024-02-07", "2024-02-07"],
  ["2024-02-05", "week", "2024-03-07", "2024-02-11"],
  ["2024-02-01", "month", undefined, "2024-02-29"],
  ["2023-12-10", "month", undefined, "2023-12-31"],
  ["2024-02-01", "month", "2024-02-01", "2024-02-01"],
])("from %s a %s that is cut at %s goes to %s", (start, by, last, end) => {
  expect(stretchOf(start, by, last)).toEqual({ from: start, to: end });
});

test.each([
  ["2024-03-31", 0, "2024-03-01"],
  ["2024-03-31", 1, "2024-02-01"],
  ["2024-01-15", 1, "2023-12-01"],
  ["2024-12-01", -1, "2025-01-01"],
])("the month of %s less %i begins on %s", (day, back, first) => {
  expect(monthBefore(day, back)).toBe(first);
});

test("days are counted over the ends of months and the change of clocks", () => {
  expect(dayAfter("2024-02-28", 2)).toBe("2024-03-01");
  expect(dayAfter("2024-03-31", -31)).toBe("2024-02-29");
});

test.each([
  ["2024-02-29", true],
  ["2023-02-29", false],
  ["2024-13-01", false],
  ["24-01-01", false],
  ["", false],
])("%s is a day: %s", (text, is) => {
  expect(isCalendarDay(text)).toBe(is);
});

test("people of a stretch are a segment that can be opened", () => {
  expect(newIn({ from: "2024-02-01", to: "2024-02-29" })).toBe(
    "first_order_at >= 2024-02-01, <= 2024-02-29",
  );
  expect(orderedIn({ from: "2024-02-01", to: "2024-02-01" })).toBe(
    "first_order_at = 2024-02-01 or last_order_at = 2024-02-01",
  );
  expect(peopleOf("tag:a&b = ü")).toBe("/people?segment=tag%3Aa%26b+%3D+%C3%BC");
});
