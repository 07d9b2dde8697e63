import { expect, test } from "vitest";
import type { SegmentNode } from "../api/types";
import {
  eventsIn,
  FRESH,
  filled,
  firstBound,
  groupOf,
  type How,
  isComplete,
  newGroup,
  nodeOf,
  rowOf,
  rowsIn,
  rowWith,
  timesWith,
  verbOf,
} from "./builder";

const vip = { tag: "vip" };
const spend = { totalSpend: { currency: "USD", gte: 10_000, lt: 50_000 } };

const news = { marketing: "subscribed" };
const company = { field: "company", eq: "ACME" };

test.each<SegmentNode>([
  {},
  vip,
  { not: vip },
  spend,
  company,
  { eq: "ACME", field: "company" }, // as a stored one comes
  { all: [vip, spend] },
  { any: [{ not: vip }, spend, { registered: false }] },
  { not: { any: [vip, company] } },
  { not: { all: [vip, spend] } },
  { all: [vip, { any: [vip, spend] }] },
  { any: [{ not: { any: [vip, news] } }, { all: [spend, { not: company }] }] },
  { all: [vip, { any: [spend, { not: { all: [vip, news] } }] }] },
])("what the builder shows it writes as it was: %j", (node) => {
  const group = groupOf(node);
  expect(group).not.toBeNull();
  expect(group && nodeOf(group)).toEqual(node);
});

test.each<SegmentNode>([
  { not: { not: vip } },
  { any: [{ not: { not: vip } }, spend] },
  { all: [vip, {}] },
  { not: {} },
  { all: [vip, { any: [vip, { all: [vip, { any: [vip, spend] }] }] }] },
])("what it has no rows for it leaves to the text: %j", (node) => {
  expect(groupOf(node)).toBeNull();
});

test.each<[How, SegmentNode[], SegmentNode]>([
  ["all", [vip], vip],
  ["any", [vip], vip],
  ["none", [vip], { not: vip }],
  ["notAll", [{ not: vip }], vip],
  ["all", [], {}],
  ["none", [], {}],
])("a group of one says what it comes to: %s of %j", (how, nodes, wanted) => {
  const items = nodes.map((one) => (one.not ? rowOf(one.not as SegmentNode, true) : rowOf(one)));
  expect(nodeOf(newGroup(how, items))).toEqual(wanted);
});

test("everything has a key of its own", () => {
  const group = groupOf({ all: [vip, vip, { not: vip }, { any: [vip, spend] }] });
  const items = group?.items ?? [];
  const keys = [...items, ...(group ? rowsIn(group) : [])].map((one) => one.key);
  expect(new Set(keys).size).toBe(6); // three rows, a group, and the two in it
  expect(group && rowsIn(group).map((row) => row.not)).toEqual([false, false, true, false, false]);
});

test("a new condition that wants a word is not filled in yet, any other is", () => {
  const empty = Object.keys(FRESH).filter((kind) => !filled({ [kind]: FRESH[kind] }));
  expect(empty).toEqual(["tag", "attended", "hasTicket", "noShow", "emailDomain", "segment"]);
  expect(filled(vip)).toBe(true);
  expect(filled({ field: "company", eq: "" })).toBe(false);
});

test("a condition that is not filled in yet asks for nothing, nor does a group of such", () => {
  const rows = [rowOf(vip), rowOf({ attended: "" }), rowOf({ segment: "" }, true)];
  const group = newGroup("any", [...rows, newGroup("none", [rowOf({ tag: "" })])]);
  expect(nodeOf(group)).toEqual(vip);
  expect(isComplete(group)).toBe(false);
  expect(isComplete(newGroup("all", [rowOf(vip)]))).toBe(true);
});

test.each<[SegmentNode, boolean, string, boolean]>([
  [{ attended: "ball" }, false, "attended", false],
  [{ attended: "ball" }, true, "attended", true],
  [{ registered: true }, false, "registered", false],
  [{ registered: false }, false, "registered", true],
  [{ registered: true }, true, "registered", true],
  [{ tagged: false }, true, "tagged", false],
  [company, true, "field", true],
])("what a row says: %j turned around %s", (leaf, not, kind, turned) => {
  expect(verbOf(rowOf(leaf, not))).toEqual({ kind, not: turned });
});

test.each<[SegmentNode, string, boolean, SegmentNode, boolean]>([
  [{ attended: "ball" }, "attended", true, { attended: "ball" }, true],
  [{ attended: "ball" }, "hasTicket", false, { hasTicket: "ball" }, false],
  [
    { lastOrderAt: { withinDays: 7 } },
    "firstOrderAt",
    true,
    { firstOrderAt: { withinDays: 7 } },
    true,
  ],
  [{ attended: "ball" }, "tag", false, { tag: "" }, false],
  [vip, "registered", true, { registered: false }, false],
  [{ registered: false }, "tagged", false, { tagged: true }, false],
  [company, "orderCount", false, { orderCount: { gte: 2 } }, false],
])("a row that says another thing: %j, %s", (leaf, kind, not, wanted, turned) => {
  const row = rowOf(leaf);
  expect(rowWith(row, kind, not)).toEqual({ key: row.key, leaf: wanted, not: turned });
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
