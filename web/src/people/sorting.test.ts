import { expect, test } from "vitest";
import type { Sort } from "../api/types";
import {
  ariaSort,
  choices,
  clicked,
  currenciesOf,
  currencyChoices,
  NEWEST,
  sortOf,
  sortText,
} from "./sorting";

test.each<Sort>([
  NEWEST,
  { by: "firstOrderAt", direction: "asc" },
  { by: "orderCount", direction: "desc" },
  { by: "totalSpend", currency: "EUR", direction: "asc" },
])("a sort stands in the address as it is: %j", (sort) => {
  expect(sortOf(sortText(sort))).toEqual(sort);
});

test.each([
  null,
  "",
  "name.asc",
  "orderCount",
  "orderCount.up",
  "orderCount.USD.asc",
  "totalSpend.asc",
  "totalSpend.usd.asc",
  "totalSpend.USD.EUR.asc",
])("an address that says no sort has the usual one: %s", (text) => {
  expect(sortOf(text)).toEqual(NEWEST);
});

test("a click sorts by a column, the most first, and another one the other way round", () => {
  const once = clicked(NEWEST, "totalSpend", "USD");
  expect(once).toEqual({ by: "totalSpend", currency: "USD", direction: "desc" });
  const twice = clicked(once, "totalSpend", "USD");
  expect(twice.direction).toBe("asc");
  expect(clicked(twice, "totalSpend", "USD").direction).toBe("desc");
  expect(clicked(twice, "orderCount")).toEqual({ by: "orderCount", direction: "desc" });
  expect(ariaSort(twice, "totalSpend")).toBe("ascending");
  expect(ariaSort(once, "totalSpend")).toBe("descending");
  expect(ariaSort(once, "orderCount")).toBe("none");
  expect(ariaSort(null, "orderCount")).toBe("none");
});

test("the currencies of most customers come first, and the one sorted by is always there", () => {
  const spends: Record<string, number>[] = [{ EUR: 1 }, { USD: 1, EUR: 5 }, {}, { JPY: 100 }];
  expect(currenciesOf(spends)).toEqual(["EUR", "JPY", "USD"]);
  expect(currenciesOf(spends, "CHF")).toEqual(["EUR", "JPY", "USD", "CHF"]);
  expect(currenciesOf([])).toEqual([]);
});

test("every choice is a sort, and by spend only where there is a currency", () => {
  const all = choices("EUR");
  expect(all.map(({ value }) => sortText(sortOf(value)))).toEqual(all.map(({ value }) => value));
  expect(all.map(({ value }) => value)).toContain("totalSpend.EUR.asc");
  expect(choices(undefined).filter(({ value }) => value.startsWith("totalSpend"))).toEqual([]);
  expect(new Set(all.map(({ label }) => label)).size).toBe(8);
});

test("every currency can be sorted by, those of whom one sees first", () => {
  const [shown, others] = currencyChoices(["JPY", "EUR"]);
  expect(shown?.items).toEqual(["JPY", "EUR"]);
  expect(others?.items).toContain("HUF");
  expect(others?.items).not.toContain("EUR");
});
