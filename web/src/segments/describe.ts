import type { SegmentNode } from "../api/types";
import { isDay, money, plural, time, wholeDay } from "../format";

/** The names of what a segment knows by ids. */
export interface Names {
  tag: (id: string) => string;
  event: (id: string) => string;
  segment: (id: string) => string;
}

const SIGNS: Record<string, string> = {
  eq: "exactly",
  gt: "more than",
  gte: "at least",
  lt: "less than",
  lte: "at most",
};
/** Said of days, which they hold whole, and of moments. */
const TIMES: Record<string, string> = {
  gt: "after",
  gte: "since",
  lt: "before",
  lte: "until",
};

/** A segment in plain words: what it says about a customer. */
export function inWords(node: SegmentNode, names: Names): string {
  if (!Object.keys(node).length) return "All customers.";
  return `Customers who ${phrase(node, names, false)}.`;
}

function phrase(node: SegmentNode, names: Names, not: boolean): string {
  const [entry] = Object.entries(node);
  if (!entry) return not ? "do not exist" : "are known at all";
  const [key, value] = entry;
  if (key === "not") return phrase(value as SegmentNode, names, !not);
  if (key === "all" || key === "any") {
    const parts = (value as SegmentNode[]).map((one) => {
      const text = phrase(one, names, not);
      return several(one) ? `(${text})` : text;
    });
    // Not all of them: at least one does not hold; not any of them: none holds.
    return parts.join((key === "all") === !not ? " and " : " or ");
  }
  return leaf(key, value, names, not);
}

/** Whether a segment says more than one thing, so that beside another it is put in brackets. */
function several(node: SegmentNode): boolean {
  const [value] = Object.values(node);
  return "not" in node ? several(value as SegmentNode) : "all" in node || "any" in node;
}

function leaf(key: string, value: unknown, names: Names, not: boolean): string {
  const text = String(value);
  const either = (yes: string, no: string) => (not ? no : yes);
  switch (key) {
    case "tag":
      return `${either("have", "do not have")} the tag “${names.tag(text)}”`;
    case "attended":
      return `${either("were", "were not")} at “${names.event(text)}”`;
    case "hasTicket":
      return `${either("hold a ticket", "hold no ticket")} of “${names.event(text)}”`;
    case "noShow":
      return not
        ? `did not miss “${names.event(text)}”`
        : `hold a ticket of “${names.event(text)}” and did not come`;
    case "tagged":
      return value === not ? "have no tag" : "have at least one tag";
    case "registered":
      return value === not ? "have no account" : "have an account";
    case "emailDomain":
      return `${either("have", "do not have")} an address at ${text}`;
    case "segment":
      return `${either("belong", "do not belong")} to “${names.segment(text)}”`;
    case "marketing":
      return marketing(text, not);
    case "totalSpend": {
      const { currency, ...bounds } = value as Record<string, string>;
      const write = (minor: unknown) => money(Number(minor), currency ?? "");
      return `${either("spent", "did not spend")} ${compared(bounds, write)}`;
    }
    case "orderCount": {
      const bounds = value as Record<string, unknown>;
      const said = compared(bounds, (count) => plural(Number(count), "time"));
      return `${either("ordered", "did not order")} ${said}`;
    }
    case "firstOrderAt":
    case "lastOrderAt": {
      const which = key === "firstOrderAt" ? "first" : "last";
      const said = when(value as Record<string, unknown>);
      return either(`${which} ordered ${said}`, `did not ${which} order ${said}`);
    }
    default:
      return `${either("meet", "do not meet")} ${key}`;
  }
}

function marketing(status: string, not: boolean): string {
  if (status === "subscribed") return not ? "do not get the newsletter" : "get the newsletter";
  // Whoever was asked and did not tick the box has decided nothing that is recorded.
  if (status === "none")
    return `${not ? "either subscribed to or" : "neither subscribed to nor"} left the newsletter`;
  return not ? "have not withdrawn from the newsletter" : "withdrew from the newsletter";
}

function compared(bounds: Record<string, unknown>, write: (value: unknown) => string): string {
  const parts = Object.entries(bounds).map(([sign, value]) => `${SIGNS[sign]} ${write(value)}`);
  return parts.join(" and ");
}

function when(bounds: Record<string, unknown>): string {
  const parts = Object.entries(bounds).map(([sign, value]) => {
    if (sign === "withinDays") return `in the last ${plural(Number(value), "day")}`;
    if (sign === "olderThanDays") return `more than ${plural(Number(value), "day")} ago`;
    const text = String(value);
    if (isDay(text)) return `${sign === "eq" ? "on" : TIMES[sign]} ${wholeDay(text)}`;
    return `${sign === "eq" ? "at" : TIMES[sign]} ${time(text)}`;
  });
  return parts.join(" and ");
}
