import type { SegmentNode } from "../api/types";
import { isDay, money, number, time, wholeDay } from "../format";
import { t } from "../words";
import { kindOf } from "./builder";
import { boundsOf } from "./fields";

/** The names of what a segment knows by ids. */
export interface Names {
  tag: (id: string) => string;
  event: (id: string) => string;
  segment: (id: string) => string;
  field: (name: string) => string;
}

/** A segment in plain words: what it says about a person. */
export function inWords(node: SegmentNode, names: Names): string {
  if (!Object.keys(node).length) return t("segments.said.everyone");
  return t("segments.said.who", { phrase: phrase(node, names, false) });
}

function phrase(node: SegmentNode, names: Names, not: boolean): string {
  const [entry] = Object.entries(node);
  if (!entry) return t(not ? "segments.said.nobody" : "segments.said.anybody");
  const [key, value] = entry;
  if (key === "not") return phrase(value as SegmentNode, names, !not);
  if (key === "all" || key === "any") {
    const parts = (value as SegmentNode[]).map((one) => {
      const text = phrase(one, names, not);
      return several(one) ? `(${text})` : text;
    });
    // Not all of them: at least one does not hold; not any of them: none holds.
    return parts.join(` ${t((key === "all") === !not ? "segments.and" : "segments.or")} `);
  }
  return leafSaid(node, names, not);
}

/** Whether a segment says more than one thing, so that beside another it is put in brackets. */
function several(node: SegmentNode): boolean {
  const [value] = Object.values(node);
  return "not" in node ? several(value as SegmentNode) : "all" in node || "any" in node;
}

function leafSaid(node: SegmentNode, names: Names, not: boolean): string {
  const key = kindOf(node);
  const value = node[key];
  const text = String(value);
  switch (key) {
    case "tag":
      return t(not ? "segments.said.notTag" : "segments.said.tag", { name: names.tag(text) });
    case "attended":
      return t(not ? "segments.said.notAttended" : "segments.said.attended", {
        name: names.event(text),
      });
    case "hasTicket":
      return t(not ? "segments.said.notHasTicket" : "segments.said.hasTicket", {
        name: names.event(text),
      });
    case "noShow":
      return t(not ? "segments.said.notNoShow" : "segments.said.noShow", {
        name: names.event(text),
      });
    case "tagged":
      return t(value === not ? "segments.said.notTagged" : "segments.said.tagged");
    case "registered":
      return t(value === not ? "segments.said.notRegistered" : "segments.said.registered");
    case "emailDomain":
      return t(not ? "segments.said.notEmailDomain" : "segments.said.emailDomain", { name: text });
    case "segment":
      return t(not ? "segments.said.notSegment" : "segments.said.segment", {
        name: names.segment(text),
      });
    case "marketing":
      return marketing(text, not);
    case "totalSpend": {
      const { currency, ...bounds } = value as Record<string, string>;
      const said = compared(bounds, (minor) => money(Number(minor), currency ?? ""));
      return t(not ? "segments.said.notTotalSpend" : "segments.said.totalSpend", { said });
    }
    case "orderCount": {
      const said = compared(value as Bounds, (count) =>
        t("segments.said.times", { count: Number(count) }),
      );
      return t(not ? "segments.said.notOrderCount" : "segments.said.orderCount", { said });
    }
    case "firstOrderAt": {
      const said = when(value as Bounds);
      return t(not ? "segments.said.notFirstOrderAt" : "segments.said.firstOrderAt", { said });
    }
    case "lastOrderAt": {
      const said = when(value as Bounds);
      return t(not ? "segments.said.notLastOrderAt" : "segments.said.lastOrderAt", { said });
    }
    case "field":
      return ownField(node, names, not);
    default:
      return t(not ? "segments.said.notMeet" : "segments.said.meet", { name: key });
  }
}

type Bounds = Record<string, unknown>;

function marketing(status: string, not: boolean): string {
  if (status === "subscribed") {
    return t(not ? "segments.said.notSubscribed" : "segments.said.subscribed");
  }
  // Whoever was asked and did not tick the box has decided nothing that is recorded.
  if (status === "none") return t(not ? "segments.said.decided" : "segments.said.undecided");
  return t(not ? "segments.said.notUnsubscribed" : "segments.said.unsubscribed");
}

function ownField(node: SegmentNode, names: Names, not: boolean): string {
  const name = names.field(String(node.field));
  const bounds = boundsOf(node);
  if ("known" in bounds) {
    return t(bounds.known === not ? "segments.said.fieldUnknown" : "segments.said.fieldKnown", {
      name,
    });
  }
  const entries = Object.entries(bounds);
  const said = entries
    .map(([sign, value]) => {
      if (sign === "eq") return fieldValue(value);
      if (typeof value === "number") return comparedTo(sign, number(value));
      return t("segments.said.aDay", { said: dayCompared(sign, wholeDay(String(value))) });
    })
    .join(` ${t("segments.and")} `);
  return t(not ? "segments.said.notField" : "segments.said.field", { name, said });
}

function fieldValue(value: unknown): string {
  if (typeof value === "boolean") {
    return t("segments.said.quoted", { text: t(value ? "segments.yes" : "segments.no") });
  }
  if (typeof value === "number") return number(value);
  const text = String(value);
  return isDay(text) ? wholeDay(text) : t("segments.said.quoted", { text });
}

/** A comparison in words: at least so much. */
function comparedTo(sign: string, value: string): string {
  switch (sign) {
    case "gt":
      return t("segments.said.gt", { value });
    case "gte":
      return t("segments.said.gte", { value });
    case "lt":
      return t("segments.said.lt", { value });
    case "lte":
      return t("segments.said.lte", { value });
    default:
      return t("segments.said.eq", { value });
  }
}

function compared(bounds: Bounds, write: (value: unknown) => string): string {
  const parts = Object.entries(bounds).map(([sign, value]) => comparedTo(sign, write(value)));
  return parts.join(` ${t("segments.and")} `);
}

/** Days are held whole by what is said of them; moments are as they are. */
function dayCompared(sign: string, value: string): string {
  switch (sign) {
    case "gt":
      return t("segments.said.after", { value });
    case "gte":
      return t("segments.said.since", { value });
    case "lt":
      return t("segments.said.before", { value });
    case "lte":
      return t("segments.said.until", { value });
    default:
      return t("segments.said.on", { value });
  }
}

function when(bounds: Bounds): string {
  const parts = Object.entries(bounds).map(([sign, value]) => {
    if (sign === "withinDays") return t("segments.said.within", { count: Number(value) });
    if (sign === "olderThanDays") return t("segments.said.older", { count: Number(value) });
    const text = String(value);
    if (isDay(text)) return dayCompared(sign, wholeDay(text));
    return sign === "eq"
      ? t("segments.said.at", { value: time(text) })
      : dayCompared(sign, time(text));
  });
  return parts.join(` ${t("segments.and")} `);
}
