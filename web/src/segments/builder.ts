import type { SegmentNode } from "../api/types";

/** A row of the builder: one condition, perhaps turned around. */
export interface Row {
  key: number;
  not: boolean;
  leaf: SegmentNode;
}

/** A segment that the builder can show: conditions of which all hold, or at least one. */
export interface Simple {
  how: "all" | "any";
  rows: Row[];
}

let last = 0;
/** A new row with a key of its own. */
export const rowOf = (leaf: SegmentNode, not = false): Row => ({ key: ++last, not, leaf });

/** The rows of a segment; null where it is more deeply nested than the builder shows. */
export function rowsOf(node: SegmentNode): Simple | null {
  const [key, value] = Object.entries(node)[0] ?? [];
  if (key === undefined) return { how: "all", rows: [] };
  const how = key === "any" ? "any" : "all";
  const nodes = key === "all" || key === "any" ? (value as SegmentNode[]) : [node];
  const rows: Row[] = [];
  for (const one of nodes) {
    const not = "not" in one;
    const leaf = not ? (one.not as SegmentNode) : one;
    const [name] = Object.keys(leaf);
    if (name === undefined || name === "all" || name === "any" || name === "not") return null;
    rows.push(rowOf(leaf, not));
  }
  return { how, rows };
}

/** The segment of rows; those that are not filled in yet ask for nothing. */
export function nodeOf({ how, rows }: Simple): SegmentNode {
  const ready = rows.filter((row) => filled(row.leaf));
  const nodes = ready.map(({ not, leaf }) => (not ? { not: leaf } : leaf));
  const [only] = nodes;
  if (!only) return {};
  return nodes.length === 1 ? only : { [how]: nodes };
}

/** The kinds of conditions by their JSON keys, with the value that a new one has. */
export const KINDS: Record<string, { label: string; fresh: unknown }> = {
  tag: { label: "has the tag", fresh: "" },
  tagged: { label: "tags", fresh: false },
  attended: { label: "was at the event", fresh: "" },
  noShow: { label: "did not come to", fresh: "" },
  hasTicket: { label: "holds a ticket of", fresh: "" },
  totalSpend: { label: "spent", fresh: { currency: "USD", gte: 10_000 } },
  orderCount: { label: "number of orders", fresh: { gte: 2 } },
  lastOrderAt: { label: "last order", fresh: { withinDays: 90 } },
  firstOrderAt: { label: "first order", fresh: { withinDays: 90 } },
  marketing: { label: "newsletter", fresh: "subscribed" },
  registered: { label: "account", fresh: true },
  emailDomain: { label: "address at", fresh: "" },
  segment: { label: "belongs to", fresh: "" },
};

/** Whether a condition is filled in, so that the server can be asked. */
export const filled = (leaf: SegmentNode) => Object.values(leaf).every((value) => value !== "");

const EVENT_LEAVES = ["attended", "hasTicket", "noShow"];

/** The ids of the events that a segment names, each once. */
export function eventsIn(node: SegmentNode): string[] {
  const found = Object.entries(node).flatMap(([key, value]) => {
    if (EVENT_LEAVES.includes(key)) return value ? [String(value)] : [];
    if (key === "all" || key === "any") return (value as SegmentNode[]).flatMap(eventsIn);
    return key === "not" ? eventsIn(value as SegmentNode) : [];
  });
  return [...new Set(found)];
}

/** Whether a bound of a time is a number of days back from now. */
export const isSpan = (sign: string): boolean => sign === "withinDays" || sign === "olderThanDays";

/** Bounds whose first one gets another sign and value; the others stay behind it. */
export function firstBound(
  bounds: Record<string, unknown>,
  sign: string,
  value: unknown,
): Record<string, unknown> {
  const [, ...more] = Object.entries(bounds);
  return { [sign]: value, ...Object.fromEntries(more.filter(([other]) => other !== sign)) };
}

/** A time's bounds with another sign for the first: what it is compared with stays where it can. */
export function timesWith(
  bounds: Record<string, unknown>,
  to: string,
  today: string,
): Record<string, unknown> {
  const [from = "", value] = Object.entries(bounds)[0] ?? [];
  const kept = isSpan(from) === isSpan(to) ? value : isSpan(to) ? 90 : today;
  return firstBound(bounds, to, kept);
}
