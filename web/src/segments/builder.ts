import type { SegmentNode } from "../api/types";

/** A row of the builder: one condition, perhaps turned around. */
export interface Row {
  key: number;
  not: boolean;
  leaf: SegmentNode;
}

/** How the conditions of a group go together: all hold, at least one, none, or not all of them. */
export const HOWS = ["all", "any", "none", "notAll"] as const;
export type How = (typeof HOWS)[number];

/** Conditions, and groups of conditions, that go together. */
export interface Group {
  key: number;
  how: How;
  items: Item[];
}

export type Item = Row | Group;

export const isGroup = (item: Item): item is Group => "items" in item;

/** How many groups the builder shows inside each other; what is nested more deeply is text alone. */
export const DEEPEST = 3;

let last = 0;
/** A new row with a key of its own. */
export const rowOf = (leaf: SegmentNode, not = false): Row => ({ key: ++last, not, leaf });

/** A new group with a key of its own. */
export const newGroup = (how: How, items: Item[]): Group => ({ key: ++last, how, items });

/** The groups of a segment; null where it is more deeply nested than the builder shows. */
export function groupOf(node: SegmentNode): Group | null {
  if (!Object.keys(node).length) return newGroup("all", []);
  const item = itemOf(node, 1);
  return item && (isGroup(item) ? item : newGroup("all", [item]));
}

function itemOf(node: SegmentNode, depth: number): Item | null {
  const not = "not" in node;
  const inner = not ? (node.not as SegmentNode) : node;
  const all = inner.all as SegmentNode[] | undefined;
  const members = all ?? (inner.any as SegmentNode[] | undefined);
  if (!members) return !Object.keys(inner).length || "not" in inner ? null : rowOf(inner, not);
  const items = depth > DEEPEST ? [] : members.map((one) => itemOf(one, depth + 1));
  if (!items.length || items.includes(null)) return null;
  const how = all ? (not ? "notAll" : "all") : not ? "none" : "any";
  return newGroup(how, items as Item[]);
}

/** The segment of a group; conditions that are not filled in yet ask for nothing. */
export const nodeOf = (group: Group): SegmentNode => partOf(group) ?? {};

function partOf(item: Item): SegmentNode | null {
  if (!isGroup(item)) return filled(item.leaf) ? (item.not ? { not: item.leaf } : item.leaf) : null;
  const nodes = item.items.map(partOf).filter((one) => one !== null);
  const [only] = nodes;
  if (!only) return null;
  const key = item.how === "any" || item.how === "none" ? "any" : "all";
  const inner = nodes.length === 1 ? only : { [key]: nodes };
  if (item.how === "all" || item.how === "any") return inner;
  return "not" in inner ? (inner.not as SegmentNode) : { not: inner };
}

/** All rows of a group, those of groups in it too. */
export const rowsIn = (group: Group): Row[] =>
  group.items.flatMap((item) => (isGroup(item) ? rowsIn(item) : [item]));

/** Whether everything of a group is filled in. */
export const isComplete = (group: Group): boolean =>
  rowsIn(group).every(({ leaf }) => filled(leaf));

/** What a condition is about: its key in JSON. Of an own field the comparisons stand beside the key. */
export const kindOf = (leaf: SegmentNode): string =>
  "field" in leaf ? "field" : (Object.keys(leaf)[0] ?? "");

/** What a new condition of each kind asks for. */
export const FRESH: Record<string, unknown> = {
  tag: "",
  tagged: true,
  attended: "",
  hasTicket: "",
  noShow: "",
  totalSpend: { currency: "EUR", gte: 10_000 },
  orderCount: { gte: 2 },
  lastOrderAt: { withinDays: 90 },
  firstOrderAt: { withinDays: 90 },
  marketing: "subscribed",
  registered: true,
  emailDomain: "",
  segment: "",
};

/** Whether a condition is filled in, so that the server can be asked. */
export const filled = (leaf: SegmentNode) => Object.values(leaf).every((value) => value !== "");

const EVENT_LEAVES = ["attended", "hasTicket", "noShow"];
const TIME_LEAVES = ["firstOrderAt", "lastOrderAt"];

/** Whether a condition compares days of the organiser's. */
export const isTimed = ({ leaf }: Row): boolean => TIME_LEAVES.includes(kindOf(leaf));

/** Kinds of conditions whose values are of one kind: what was chosen stays where one becomes the other. */
const FAMILIES = [EVENT_LEAVES, TIME_LEAVES];

/** The kinds that are said of a person with yes or no, and have nothing else to fill in. */
const TOLD = ["registered", "tagged"];

/** What a row says with its first words: a kind of condition, and whether it is turned around. */
export function verbOf({ leaf, not }: Row): { kind: string; not: boolean } {
  const kind = kindOf(leaf);
  if (TOLD.includes(kind)) return { kind, not: (leaf[kind] === false) !== not };
  return { kind, not };
}

/** A row that says another thing; its value stays where that fits. */
export function rowWith(row: Row, kind: string, not: boolean): Row {
  if (TOLD.includes(kind)) return { ...row, not: false, leaf: { [kind]: !not } };
  const before = kindOf(row.leaf);
  const akin = FAMILIES.some((one) => one.includes(kind) && one.includes(before));
  const value = before === kind || akin ? row.leaf[before] : FRESH[kind];
  return { ...row, not, leaf: { [kind]: value } };
}

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
