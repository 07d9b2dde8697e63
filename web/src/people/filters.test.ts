import { expect, test } from "vitest";
import type { SegmentNode } from "../api/types";
import { boundsOf, conditionsOf, type Kind, kindOf, nodeOf, rangeOf, whenOf } from "./filters";

test.each<[SegmentNode, Kind[]]>([
  [{}, []],
  [{ tag: "vip" }, ["tag"]],
  [{ not: { tagged: true } }, ["tag"]],
  [{ all: [{ attended: "e" }, { not: { noShow: "e" } }] }, ["event", "event"]],
  [
    { all: [{ marketing: "none" }, { totalSpend: { currency: "USD", gte: 1 } }] },
    ["newsletter", "spend"],
  ],
  [{ field: "company", eq: "ACME" }, ["field:company"]],
  [{ not: { field: "seats", gte: 3 } }, ["field:seats"]],
  [
    { all: [{ registered: true }, { emailDomain: "a.de" }, { segment: "s" }] },
    ["registered", "domain", "segment"],
  ],
  [
    { all: [{ firstOrderAt: {} }, { lastOrderAt: {} }, { orderCount: {} }] },
    ["firstOrder", "lastOrder", "orders"],
  ],
])("%j is of these conditions, and comes of them again", (node, kinds) => {
  const found = conditionsOf(node) ?? [];
  expect(found.map(kindOf)).toEqual(kinds);
  expect(nodeOf(found)).toEqual(node);
});

test.each<SegmentNode>([
  { any: [{ tag: "a" }, { tag: "b" }] },
  { all: [{ tag: "a" }, { any: [{ tag: "b" }, { tag: "c" }] }] },
  { not: { all: [{ tag: "a" }, { tag: "b" }] } },
  { ofALaterVersion: 1 },
])("%j is more than conditions that hold together", (node) => {
  expect(conditionsOf(node)).toBeNull();
});

test.each([
  [{ from: 1, to: null }, { gte: 1 }],
  [{ from: null, to: 2 }, { lte: 2 }],
  [
    { from: 0, to: 2 },
    { gte: 0, lte: 2 },
  ],
])("the range %j is written %j, and read again", (range, bounds) => {
  expect(boundsOf(range)).toEqual(bounds);
  expect(rangeOf(bounds)).toEqual(range);
});

test("what is exactly something is from it to it, and what leaves an end out is no range", () => {
  expect(rangeOf({ eq: 3 })).toEqual({ from: 3, to: 3 });
  expect(rangeOf({ gt: 3 })).toBeNull();
  expect(rangeOf({ gte: 3, lt: 5 })).toBeNull();
  expect(rangeOf({ eq: 3, gte: 1 })).toBeNull();
  expect(boundsOf({ from: null, to: null })).toBeNull();
});

test.each([
  [{ withinDays: 90 }, { when: "withinDays", value: "90" }],
  [{ olderThanDays: 365 }, { when: "olderThanDays", value: "365" }],
  [{ gte: "2024-01-31" }, { when: "gte", value: "2024-01-31" }],
  [{ gte: "2024-01-31T12:00:00Z" }, null],
  [{ gt: "2024-01-31" }, null],
  [{ gte: "2024-01-31", lte: "2024-02-01" }, null],
  [{}, null],
])("of the times %j the form shows %j", (bounds, shown) => {
  expect(whenOf(bounds)).toEqual(shown);
});
