import type { SegmentNode } from "../api/types";

/** One condition of a filter, perhaps turned around. All of a filter's conditions hold together. */
export interface Condition {
  leaf: SegmentNode;
  not: boolean;
}

/** What conditions are about; `field:seats` is an own field. */
export const KINDS = [
  "newsletter",
  "tag",
  "event",
  "spend",
  "lastOrder",
  "firstOrder",
  "orders",
  "registered",
  "domain",
  "segment",
] as const;
export type Kind = (typeof KINDS)[number] | `field:${string}`;

/** The kinds that stand ready beside the filter; the others are behind a menu. */
export const USUAL: readonly Kind[] = ["newsletter", "tag", "event", "spend", "lastOrder"];

const OF_LEAF: Record<string, Kind> = {
  marketing: "newsletter",
  tag: "tag",
  tagged: "tag",
  attended: "event",
  hasTicket: "event",
  noShow: "event",
  totalSpend: "spend",
  lastOrderAt: "lastOrder",
  firstOrderAt: "firstOrder",
  orderCount: "orders",
  registered: "registered",
  emailDomain: "domain",
  segment: "segment",
};

/** What a condition is about; null where the page has no word for it. */
export function kindOf({ leaf }: Condition): Kind | null {
  if (typeof leaf.field === "string") return `field:${leaf.field}`;
  return OF_LEAF[Object.keys(leaf)[0] ?? ""] ?? null;
}

/** The conditions of a segment; null where it is more than conditions that hold together. */
export function conditionsOf(node: SegmentNode): Condition[] | null {
  if (!Object.keys(node).length) return [];
  const nodes = Array.isArray(node.all) ? (node.all as SegmentNode[]) : [node];
  const found = nodes.map((one) => {
    const not = "not" in one;
    return { leaf: not ? (one.not as SegmentNode) : one, not };
  });
  return found.every((one) => kindOf(one) !== null) ? found : null;
}

/** The segment of conditions that hold together. */
export function nodeOf(conditions: Condition[]): SegmentNode {
  const nodes = conditions.map(({ leaf, not }) => (not ? { not: leaf } : leaf));
  const [only] = nodes;
  if (!only) return {};
  return nodes.length === 1 ? only : { all: nodes };
}

/** From so much to so much; null where a side is open. */
export interface Range<Value> {
  from: Value | null;
  to: Value | null;
}

type Bounds = Record<string, unknown>;

/** The comparisons of a range; null where it is open on both sides. */
export function boundsOf<Value>({ from, to }: Range<Value>): Bounds | null {
  if (from === null && to === null) return null;
  return { ...(from !== null && { gte: from }), ...(to !== null && { lte: to }) };
}

/** The range of comparisons; null where they are no such range, as where something is left out. */
export function rangeOf<Value>(bounds: Bounds): Range<Value> | null {
  const { gte = null, lte = null, eq, ...more } = bounds;
  if (Object.keys(more).length) return null;
  if (eq !== undefined) return gte === null && lte === null ? both(eq as Value) : null;
  return { from: gte as Value | null, to: lte as Value | null };
}

const both = <Value>(value: Value): Range<Value> => ({ from: value, to: value });

/** How a time is compared by the form for one. */
export const WHENS = ["withinDays", "olderThanDays", "gte", "lte", "eq"] as const;
export type When = (typeof WHENS)[number];

export const isSpan = (when: When): boolean => when === "withinDays" || when === "olderThanDays";

/** The one comparison of a time that its form can show: with a number of days, or with a day. */
export function whenOf(bounds: Bounds): { when: When; value: string } | null {
  const [[sign, bound] = ["", null], ...more] = Object.entries(bounds);
  const when = WHENS.find((one) => one === sign);
  if (!when || more.length) return null;
  const shown = isSpan(when) || /^\d{4}-\d{2}-\d{2}$/.test(String(bound));
  return shown ? { when, value: String(bound) } : null;
}
