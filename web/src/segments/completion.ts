/** Every condition as it begins, and what it says of a customer. */
const CONDITIONS = [
  ["tag:", "has a tag"],
  ["attended:", "was at an event"],
  ["has_ticket:", "holds a ticket of an event"],
  ["total_spend >= 100 USD", "spent so much"],
  ["order_count >= 2", "ordered so often"],
  ["last_order_at within 90 days", "bought lately"],
  ["last_order_at older than 90 days", "has not bought lately"],
  ["first_order_at within 30 days", "is new"],
  ["subscribed", "gets the newsletter"],
  ["registered", "has an account"],
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
  events: { eventId: string; name: string }[];
  segments: { name: string; text: string }[];
}

/** The values that can stand behind a field's colon. */
function valuesOf(field: string, { tags, events, segments }: Known): Suggestion[] {
  if (field === "tag") return [...tags].map(([value, hint]) => ({ value, hint }));
  if (field === "segment") return segments.map(({ name, text }) => ({ value: name, hint: text }));
  return events.map(({ eventId, name }) => ({ value: eventId, hint: name }));
}

/** What can follow at the end of a text, and from where on it replaces that end. */
export function complete(before: string, known: Known): { from: number; found: Suggestion[] } {
  const value = /(tag|attended|has_ticket|segment):("[^"]*|[^\s()",]*)$/i.exec(before);
  if (value) {
    const [, field = "", typed = ""] = value;
    const wanted = typed.replace(/^"/, "").toLowerCase();
    const found = valuesOf(field.toLowerCase(), known)
      .filter(({ value, hint }) => `${value} ${hint}`.toLowerCase().includes(wanted))
      .map(({ value, hint }) => ({ value: quoted(value), hint }));
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
