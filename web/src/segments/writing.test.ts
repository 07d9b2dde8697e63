import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { SegmentNode } from "../api/types";
import { textOf } from "./writing";

/** The rows of the language's description that have both forms. */
const rows = readFileSync("../docs/segments.md", "utf-8")
  .split("\n")
  .map((line) => /^\| `([^`]+)` \| `(\{[^`]*\})` \|/.exec(line))
  .flatMap((found) => (found ? [[found[1] ?? "", found[2] ?? ""] as const] : []));

test("the language is described in two forms", () => {
  expect(rows.length).toBeGreaterThan(25);
});

test.each(rows)("what is described as %s is written so", (text, json) => {
  expect(textOf(JSON.parse(json))).toBe(text);
});

test.each<[SegmentNode, string]>([
  [{ totalSpend: { currency: "USD", gte: 9990 } }, "total_spend >= 99.90 USD"],
  [
    { totalSpend: { currency: "JPY", gte: 9990, lte: 10_000 } },
    "total_spend >= 9990 JPY, <= 10000 JPY",
  ],
  [{ totalSpend: { currency: "KWD", gte: 7654321987 } }, "total_spend >= 7654321.987 KWD"],
  [{ tag: "2023 attendee" }, 'tag:"2023 attendee"'],
  [{ attended: 'the "big" one, 2024' }, 'attended:"the \\"big\\" one, 2024"'],
  [{ tag: "straße" }, "tag:straße"],
  [{ field: "company", eq: "1860" }, 'field:company = "1860"'],
  [{ lte: 12, gt: -0.5, field: "seats" }, "field:seats <= 12, > -0.5"],
  [{ not: { any: [{ tag: "a" }, { tag: "b" }] } }, "not (tag:a or tag:b)"],
  [{ any: [{ any: [{ tag: "a" }, { tag: "b" }] }, { tag: "c" }] }, "(tag:a or tag:b) or tag:c"],
  [{ all: [{ tag: "a" }] }, "tag:a"],
  [{ field: "company", known: false }, "field:company unknown"],
])("%j is written as %s", (node, text) => {
  expect(textOf(node)).toBe(text);
});
