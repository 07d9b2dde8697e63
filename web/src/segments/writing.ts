import type { SegmentNode } from "../api/types";
import { digitsOf, isDay, majorOf } from "../format";

const SIGNS: Record<string, string> = { eq: "=", gt: ">", gte: ">=", lt: "<", lte: "<=" };

const NAMED: Record<string, string> = {
  tag: "tag",
  attended: "attended",
  hasTicket: "has_ticket",
  noShow: "no_show",
  marketing: "marketing",
  emailDomain: "email_domain",
  segment: "segment",
};

const COMPARED: Record<string, string> = {
  orderCount: "order_count",
  firstOrderAt: "first_order_at",
  lastOrderAt: "last_order_at",
};

/** A segment as text (docs/segments.md), as the server writes it. */
export const textOf = (node: SegmentNode): string => written(node, 0);

/** A node inside one that binds as tightly as `around`: 1 `or`, 2 `and`, 3 `not`. */
function written(node: SegmentNode, around: number): string {
  const [key, value] = Object.entries(node)[0] ?? [];
  if (key === undefined) return "everyone";
  if (key === "not") return `not ${written(value as SegmentNode, 3)}`;
  if (key !== "all" && key !== "any") return leafText(key, node);
  const nodes = value as SegmentNode[];
  const [only] = nodes;
  if (nodes.length === 1 && only) return written(only, around);
  const tightness = key === "any" ? 1 : 2;
  const text = nodes.map((one) => written(one, tightness)).join(key === "any" ? " or " : " and ");
  return tightness <= around ? `(${text})` : text;
}

function leafText(first: string, node: SegmentNode): string {
  const key = "field" in node ? "field" : first; // its name stands among the comparisons
  const value = node[key];
  const named = NAMED[key];
  if (named) return `${named}:${word(String(value))}`;
  const compared = COMPARED[key];
  if (compared) return `${compared} ${comparisons(value as SegmentNode, bound)}`;
  if (key === "tagged") return value ? "tagged" : "untagged";
  if (key === "registered") return value ? "registered" : "registered:false";
  if (key === "field") {
    const { field, ...bounds } = node;
    return `field:${field} ${comparisons(bounds, own)}`;
  }
  const { currency, ...bounds } = value as Record<string, unknown>;
  const amount = (minor: unknown) => `${inMajor(Number(minor), String(currency))} ${currency}`;
  return `total_spend ${comparisons(bounds, (sign, minor) => `${SIGNS[sign]} ${amount(minor)}`)}`;
}

type Write = (sign: string, value: unknown) => string;

const comparisons = (bounds: SegmentNode, write: Write) =>
  Object.entries(bounds)
    .map(([sign, value]) => write(sign, value))
    .join(", ");

const bound: Write = (sign, value) => {
  if (sign === "withinDays") return `within ${value} days`;
  if (sign === "olderThanDays") return `older than ${value} days`;
  return `${SIGNS[sign]} ${value}`;
};

/** A value of an own field: a text in quotes, lest it is taken for something else. */
const own: Write = (sign, value) => {
  if (sign === "known") return value ? "known" : "unknown";
  const quoted = typeof value === "string" && !isDay(value);
  return `${SIGNS[sign]} ${quoted ? JSON.stringify(value) : value}`;
};

/** An amount with its decimals, where it has any. */
function inMajor(minor: number, currency: string): string {
  const major = majorOf(minor, currency);
  return Number.isInteger(major) ? String(major) : major.toFixed(digitsOf(currency));
}

const word = (value: string): string =>
  /^[\p{L}\p{N}_.+&#:/@$-]+$/u.test(value) ? value : JSON.stringify(value);
