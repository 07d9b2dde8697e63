import { expect, test } from "vitest";
import type { SegmentNode } from "../api/types";
import { eventsIn, filled, firstBound, KINDS, nodeOf, rowOf, rowsOf, timesWith } from "./builder";

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
    "noShow",
    "hasTicket",
    "emailDomain",
    "segment",
  ]);
  expect(filled(vip)).toBe(true);
  expect(filled(spend)).toBe(true);
});

test("a condition that is not filled in yet asks for nothing", () => {
  const rows = [rowOf(vip), rowOf({ attended: "" }), rowOf({ segment: "" }, true)];
  expect(nodeOf({ how: "any", rows })).toEqual(vip);
});

test("the events of a segment are found wherever they are named, each once", () => {
  const node = {
    all: [
      { attended: "ball" },
      { not: { any: [{ hasTicket: "gala" }, { noShow: "ball" }, vip] } },
      { attended: "" },
    ],
  };
  expect(eventsIn(node)).toEqual(["ball", "gala"]);
  expect(eventsIn({})).toEqual([]);
});

test.each([
  [{ gte: "2024-01-31" }, "lte", { lte: "2024-01-31" }],
  [{ gte: "2024-01-31T12:00:00Z" }, "gt", { gt: "2024-01-31T12:00:00Z" }],
  [{ withinDays: 30 }, "olderThanDays", { olderThanDays: 30 }],
  [{ withinDays: 30 }, "lte", { lte: "2024-11-27" }],
  [{ lte: "2024-01-31" }, "withinDays", { withinDays: 90 }],
  [{ gte: "2024-01-01", lt: "2024-02-01" }, "gt", { gt: "2024-01-01", lt: "2024-02-01" }],
  [{ gte: "2024-01-01", lt: "2024-02-01" }, "lt", { lt: "2024-01-01" }],
])("the sign of %j becomes %s: %j", (bounds, sign, wanted) => {
  expect(timesWith(bounds, sign, "2024-11-27")).toEqual(wanted);
});

test("the bound that is edited stays the first, and the other where it was", () => {
  const bounds = { gte: 100, lt: 500 };
  expect(Object.entries(firstBound(bounds, "gte", 200))).toEqual([
    ["gte", 200],
    ["lt", 500],
  ]);
  expect(Object.entries(firstBound(bounds, "gt", 100))).toEqual([
    ["gt", 100],
    ["lt", 500],
  ]);
});
