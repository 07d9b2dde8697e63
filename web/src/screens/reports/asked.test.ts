import { expect, test } from "vitest";
import { askedOf, inOrder } from "./asked";

test.each([
  ["", "month", "2023-07-01", "2024-06-15"],
  ["by=day", "day", "2024-05-16", "2024-06-15"],
  ["by=week", "week", "2023-12-17", "2024-06-15"],
  ["by=year", "month", "2023-07-01", "2024-06-15"],
  ["from=2024-01-05", "month", "2024-01-05", "2024-06-15"],
  ["to=2023-03-31", "month", "2022-04-01", "2023-03-31"],
  ["from=2024-02-30&to=tomorrow", "month", "2023-07-01", "2024-06-15"],
  ["by=day&from=2024-01-01&to=2024-01-02", "day", "2024-01-01", "2024-01-02"],
])("the address ?%s asks by %s from %s to %s", (address, by, from, to) => {
  expect(askedOf(new URLSearchParams(address), "2024-06-15")).toEqual({ by, from, to });
});

test("days that end before they begin cannot be asked for", () => {
  expect(inOrder({ by: "day", from: "2024-01-02", to: "2024-01-02" })).toBe(true);
  expect(inOrder({ by: "day", from: "2024-01-02", to: "2024-01-01" })).toBe(false);
});
