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

/** The segment of rows. */
export function nodeOf({ how, rows }: Simple): SegmentNode {
  const nodes = rows.map(({ not, leaf }) => (not ? { not: leaf } : leaf));
  const [only] = nodes;
  if (!only) return {};
  return nodes.length === 1 ? only : { [how]: nodes };
}

/** The kinds of conditions by their JSON keys, with the value that a new one has. */
export const KINDS: Record<string, { label: string; fresh: unknown }> = {
  tag: { label: "has the tag", fresh: "" },
  attended: { label: "was at the event", fresh: "" },
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
