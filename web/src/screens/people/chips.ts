import type { OwnField } from "../../api/ownFields";
import { isDay, money, number, time, wholeDay } from "../../format";
import { fieldText } from "../../people/cells";
import { type Condition, type Kind, kindOf } from "../../people/filters";
import { t } from "../../words";

/** The names of what conditions know by ids. */
export interface Names {
  tag: (id: string) => string;
  event: (id: string) => string;
  segment: (id: string) => string;
  fields: OwnField[];
}

type Bounds = Record<string, unknown>;
type Sign = "eq" | "gt" | "gte" | "lt" | "lte";

/** What a kind of condition is called. */
export function kindText(kind: Kind, fields: OwnField[]): string {
  if (!kind.startsWith("field:")) return t(`people.filter.kinds.${kind as "tag"}`);
  const name = kind.slice(6);
  return fields.find((one) => one.name === name)?.label ?? name;
}

/** A condition on its chip, such as `Spend: at least €100`. */
export function chipText(condition: Condition, names: Names): string {
  const kind = kindOf(condition);
  if (!kind) return "";
  return `${kindText(kind, names.fields)}: ${valueText(condition, names)}`;
}

function valueText({ leaf, not }: Condition, names: Names): string {
  const [first = "", value] = Object.entries(leaf)[0] ?? [];
  const key = "field" in leaf ? "field" : first; // its name stands among the comparisons
  const either = (what: string) => (not ? t("people.filter.not", { what }) : what);
  const text = String(value);
  const yes = (value === true) !== not;
  switch (key) {
    case "tag":
      return either(names.tag(text));
    case "tagged":
      return t(yes ? "people.filter.any" : "people.filter.none");
    case "registered":
      return t(yes ? "people.filter.yes" : "people.filter.no");
    case "attended":
    case "hasTicket":
    case "noShow":
      return `${eventHow(key, not)} “${names.event(text)}”`;
    case "marketing":
      return either(consentText(text));
    case "segment":
      return either(names.segment(text));
    case "emailDomain":
      return either(text);
    case "totalSpend": {
      const { currency, ...bounds } = value as Bounds;
      return either(compared(bounds, (minor) => money(Number(minor), String(currency))));
    }
    case "orderCount":
      return either(compared(value as Bounds, (count) => number(Number(count))));
    case "field":
      return either(ownText(leaf));
    default:
      return either(timesText(value as Bounds));
  }
}

export function eventHow(key: "attended" | "hasTicket" | "noShow", not: boolean): string {
  if (!not) return t(`people.filter.eventHow.${key}`);
  const turned = {
    attended: "notAttended",
    hasTicket: "notHasTicket",
    noShow: "notNoShow",
  } as const;
  return t(`people.filter.eventHow.${turned[key]}`);
}

export function consentText(status: string): string {
  if (status === "subscribed") return t("shared.subscribed");
  return t(status === "unsubscribed" ? "shared.unsubscribed" : "shared.notSubscribed");
}

function compared(bounds: Bounds, write: (value: unknown) => string): string {
  const { gte, lte, ...more } = bounds;
  if (gte !== undefined && lte !== undefined && !Object.keys(more).length)
    return `${write(gte)} – ${write(lte)}`;
  return Object.entries(bounds)
    .map(([sign, value]) => t(`people.filter.signs.${sign as Sign}`, { value: write(value) }))
    .join(", ");
}

function ownText({ field: _, ...bounds }: Bounds): string {
  if ("known" in bounds) return t(bounds.known ? "people.filter.known" : "people.filter.unknown");
  const write = (value: unknown) => fieldText(value as string | number | boolean);
  return "eq" in bounds && Object.keys(bounds).length === 1
    ? write(bounds.eq)
    : compared(bounds, write);
}

function timesText(bounds: Bounds): string {
  return Object.entries(bounds)
    .map(([sign, value]) => {
      if (sign === "withinDays" || sign === "olderThanDays")
        return t(`people.filter.times.${sign}`, { count: Number(value) });
      const text = String(value);
      const shown = isDay(text) ? wholeDay(text) : time(text);
      return t(`people.filter.times.${sign as Sign}`, { value: shown });
    })
    .join(", ");
}
