import { expect, test } from "vitest";
import type { SegmentNode } from "../api/types";
import { filled, KINDS, nodeOf, rowOf, rowsOf } from "./builder";

const vip = { tag: "vip" };
const spend = { totalSpend: { currency: "USD", gte: 10_000, lt: 50_000 } };

test.each<SegmentNode>([
  {},
  vip,
  { not: vip },
  spend,
  { all: [vip, spend] },
  { any: [{ not: vip }, spend, { registered: false }] },
])("what the builder shows it writes as it was: %j", (node) => {
  const rows = rowsOf(node);
  expect(rows).not.toBeNull();
  expect(rows && nodeOf(rows)).toEqual(node);
});

test.each<SegmentNode>([
  { all: [vip, { any: [vip, spend] }] },
  { not: { all: [vip, spend] } },
  { not: { not: vip } },
  { any: [{ not: { not: vip } }, spend] },
  { all: [vip, {}] },
])("what is nested more deeply it leaves to the text: %j", (node) => {
  expect(rowsOf(node)).toBeNull();
});

test("a group of one condition is that condition", () => {
  expect(nodeOf({ how: "any", rows: [rowOf(vip)] })).toEqual(vip);
  expect(nodeOf({ how: "all", rows: [] })).toEqual({});
  expect(rowsOf({ any: [vip] })).toMatchObject({ how: "any", rows: [{ not: false, leaf: vip }] });
});

test("every row has a key of its own", () => {
  const rows = rowsOf({ all: [vip, vip, { not: vip }] })?.rows ?? [];
  expect(new Set(rows.map((row) => row.key)).size).toBe(3);
  expect(rows.map((row) => row.not)).toEqual([false, false, true]);
});

test("a new condition that wants a word is not filled in yet, any other is", () => {
  const empty = Object.entries(KINDS).filter(([kind, { fresh }]) => !filled({ [kind]: fresh }));
  expect(empty.map(([kind]) => kind)).toEqual([
    "tag",
    "attended",
    "hasTicket",
    "emailDomain",
    "segment",
  ]);
  expect(filled(vip)).toBe(true);
  expect(filled(spend)).toBe(true);
});
