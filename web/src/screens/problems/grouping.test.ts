import { expect, test } from "vitest";
import type { QuarantineRow } from "../../api/types";
import { documentPage, grouped, parts } from "./grouping";

const row = (id: string, reason: string, collection = "orders") =>
  ({ id, documentId: id, reason, collection, at: "2026-01-01T00:00:00Z" }) as QuarantineRow;

test("rows of one reason are together, the most first, users apart from orders", () => {
  const rows = [
    row("a", "currency-unknown"),
    row("b", "email-invalid"),
    row("c", "currency-unknown", "shops/s1/orders"),
    row("d", "email-invalid", "users"),
  ];
  const told = grouped(rows).map(({ reason, kind, rows: those }) => [
    reason,
    kind,
    those.map(({ id }) => id).join(""),
  ]);
  expect(told).toEqual([
    ["currency-unknown", "orders", "ac"],
    ["email-invalid", "orders", "b"],
    ["email-invalid", "users", "d"],
  ]);
});

test.each([
  [null, "orders/o1", null],
  ["https://c.example/data/{path}", "orders/o1", "https://c.example/data/orders~2Fo1"],
  ["https://c.example/data/{path}", "orders/a b", "https://c.example/data/orders~2Fa~20b"],
])("by %s the document %s has the page %s", (template, path, page) => {
  expect(documentPage(template, path)).toBe(page);
});

test("what is looked at again is cut into parts", () => {
  expect(parts([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(parts([])).toEqual([]);
});
