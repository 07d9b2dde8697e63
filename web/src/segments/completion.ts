import { t } from "../words";

/** Every condition as it begins, and what it says of people. */
const conditions = (): [string, string][] => [
  ["tag:", t("segments.starts.tag")],
  ["attended:", t("segments.starts.attended")],
  ["has_ticket:", t("segments.starts.hasTicket")],
  ["no_show:", t("segments.starts.noShow")],
  ["total_spend >= 100 EUR", t("segments.starts.totalSpend")],
  ["order_count >= 2", t("segments.starts.orderCount")],
  ["last_order_at within 90 days", t("segments.starts.lately")],
  ["last_order_at older than 90 days", t("segments.starts.notLately")],
  ["first_order_at within 30 days", t("segments.starts.fresh")],
  ["subscribed", t("segments.starts.subscribed")],
  ["registered", t("segments.starts.registered")],
  ["tagged", t("segments.starts.tagged")],
  ["untagged", t("segments.starts.untagged")],
  ["email_domain:", t("segments.starts.emailDomain")],
  ["field:", t("segments.starts.field")],
  ["segment:", t("segments.starts.segment")],
  ["everyone", t("segments.starts.everyone")],
];

/** The number of values shown at most; who types more is shown fewer. */
const MOST = 8;

/** A text that can stand next, and what it means. */
export interface Suggestion {
  value: string;
  hint: string;
}

const quoted = (value: string) =>
  /[\s(),"]/.test(value) ? `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"` : value;

/** The names that a text can use. */
export interface Known {
  tags: Map<string, string>;
  /** Those that were found for what `eventAsked` says. */
  events: { eventId: string; hint: string }[];
  segments: { name: string; text: string }[];
  /** The own fields. */
  fields: { name: string; label: string }[];
}

const VALUE = /(tag|attended|has_ticket|no_show|segment|field):("[^"]*|[^\s()",]*)$/i;

const unquoted = (typed: string) => typed.replace(/^"/, "");

/** Whether an own field is being named at the end of a text. */
export const fieldAsked = (before: string): boolean => /field:[^\s()",]*$/i.test(before);

/** What somebody types at the end of a text to name an event; null where it is no event. */
export function eventAsked(before: string): string | null {
  const [, field = "tag", typed = ""] = VALUE.exec(before) ?? [];
  return /^(tag|segment|field)$/i.test(field) ? null : unquoted(typed);
}

/** The values that can stand behind a field's colon. */
function valuesOf(field: string, wanted: string, known: Known): Suggestion[] {
  const fits = ({ value, hint }: Suggestion) => `${value} ${hint}`.toLowerCase().includes(wanted);
  if (field === "tag")
    return [...known.tags].map(([value, hint]) => ({ value, hint })).filter(fits);
  if (field === "segment")
    return known.segments.map(({ name, text }) => ({ value: name, hint: text })).filter(fits);
  if (field === "field")
    return known.fields.map(({ name, label }) => ({ value: name, hint: label })).filter(fits);
  return known.events.map(({ eventId, hint }) => ({ value: eventId, hint }));
}

/** What can follow at the end of a text, and from where on it replaces that end. */
export function complete(before: string, known: Known): { from: number; found: Suggestion[] } {
  const value = VALUE.exec(before);
  if (value) {
    const [, field = "", typed = ""] = value;
    const found = valuesOf(field.toLowerCase(), unquoted(typed).toLowerCase(), known).map(
      ({ value, hint }) => ({ value: quoted(value), hint }),
    );
    return { from: before.length - typed.length, found: found.slice(0, MOST) };
  }
  const word = /(^|[\s(])([a-z_]*)$/i.exec(before);
  if (!word) return { from: before.length, found: [] };
  const typed = (word[2] ?? "").toLowerCase();
  const ready = /(^|\(|\b(and|or|not))\s*$/i.test(before.slice(0, before.length - typed.length));
  if (!ready) return { from: before.length, found: [] };
  const found = conditions().filter(([text]) => text.startsWith(typed) && text !== typed);
  return {
    from: before.length - typed.length,
    found: found.map(([value, hint]) => ({ value, hint })),
  };
}
