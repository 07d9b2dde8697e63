import { expect, test } from "vitest";
import type { FiguresRow } from "../api/types";
import { currenciesOf, daysAround, monthsUntil, revenueOf } from "./figures";

const row = (start: string, fields: Partial<FiguresRow> = {}): FiguresRow => ({
  start,
  orders: 1,
  revenue: {},
  newCustomers: 1,
  returningCustomers: 0,
  ...fields,
});

test.each([
  ["2024-06-15T12:00:00Z", "2023-07-01", "2024-06-30"],
  ["2024-02-29T23:30:00Z", "2023-03-01", "2024-03-31"],
  ["2024-03-01T00:30:00Z", "2023-03-01", "2024-03-31"],
  ["2024-01-01T05:00:00Z", "2023-01-01", "2024-01-31"],
])("the days around a year up to %s: %s to %s", (latest, from, to) => {
  expect(daysAround(new Date(latest))).toEqual({ from, to });
});

test.each([
  ["UTC", "2024-02-01", "2023-03-01"],
  ["Europe/Berlin", "2024-03-01", "2023-04-01"],
  ["America/New_York", "2024-02-01", "2023-03-01"],
])("the last month is the one that the moment is in there: %s", (timeZone, last, first) => {
  const months = monthsUntil({ figures: [], timeZone }, new Date("2024-02-29T23:30:00Z"));
  expect(months).toHaveLength(12);
  expect(months.at(-1)?.start).toBe(last);
  expect(months[0]?.start).toBe(first);
});

test("a month has its own figures, and one without a row has none", () => {
  const latest = new Date("2024-03-15T00:00:00Z");
  const answer = {
    figures: [row("2023-03-01", { orders: 99 }), row("2024-02-01", { orders: 7 })],
    timeZone: "UTC",
  };
  const months = monthsUntil(answer, latest);
  expect(months.map((one) => one.orders)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0]);
  // What the first day of a range is called when a month is cut there is still that month.
  const cut = { figures: [row("2023-04-17", { orders: 3 })], timeZone: "UTC" };
  expect(monthsUntil(cut, latest)[0]).toMatchObject({ start: "2023-04-01", orders: 3 });
});

test("revenue is summed for each currency by itself, the usual currency first", () => {
  const months = [
    row("2024-01-01", { revenue: { EUR: 100, USD: 0 } }),
    row("2024-02-01", { revenue: { USD: 250, EUR: 50, JPY: 7 } }),
    row("2024-03-01", { revenue: { EUR: -30 } }),
  ];
  expect(currenciesOf(months)).toEqual(["EUR", "JPY", "USD"]);
  expect(revenueOf(months)).toEqual({ EUR: 120, JPY: 7, USD: 250 });
  expect(revenueOf([])).toEqual({});
});
