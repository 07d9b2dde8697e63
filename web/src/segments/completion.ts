/** Every condition as it begins, and what it says of a customer. */
const CONDITIONS = [
  ["tag:", "has a tag"],
  ["attended:", "was at an event"],
  ["has_ticket:", "holds a ticket of an event"],
  ["no_show:", "held a ticket and did not come"],
  ["total_spend >= 100 USD", "spent so much"],
  ["order_count >= 2", "ordered so often"],
  ["last_order_at within 90 days", "bought lately"],
  ["last_order_at older than 90 days", "has not bought lately"],
  ["first_order_at within 30 days", "is new"],
  ["subscribed", "gets the newsletter"],
  ["registered", "has an account"],
  ["tagged", "has any tag"],
  ["untagged", "has no tag"],
  ["email_domain:", "has an address there"],
  ["segment:", "belongs to a saved segment"],
  ["everyone", "every customer"],
] as const;

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
}

const VALUE = /(tag|attended|has_ticket|no_show|segment):("[^"]*|[^\s()",]*)$/i;

const unquoted = (typed: string) => typed.replace(/^"/, "");

/** What somebody types at the end of a text to name an event; null where it is no event. */
export function eventAsked(before: string): string | null {
  const [, field = "tag", typed = ""] = VALUE.exec(before) ?? [];
  return /^(tag|segment)$/i.test(field) ? null : unquoted(typed);
}

/** The values that can stand behind a field's colon. */
function valuesOf(field: string, wanted: string, known: Known): Suggestion[] {
  const fits = ({ value, hint }: Suggestion) => `${value} ${hint}`.toLowerCase().includes(wanted);
  if (field === "tag")
    return [...known.tags].map(([value, hint]) => ({ value, hint })).filter(fits);
  if (field === "segment")
    return known.segments.map(({ name, text }) => ({ value: name, hint: text })).filter(fits);
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
  const found = CONDITIONS.filter(([text]) => text.startsWith(typed) && text !== typed);
  return {
    from: before.length - typed.length,
    found: found.map(([value, hint]) => ({ value, hint })),
  };
}
