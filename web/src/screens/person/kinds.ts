/** What the activity of a person can be narrowed to. */
export const KINDS = [
  "orders",
  "events",
  "consents",
  "mails",
  "rules",
  "merges",
  "tags",
  "notes",
  "other",
] as const;

export type Kind = (typeof KINDS)[number];

/** What only the audit trail tells, which is for admins. */
const OF_THE_TRAIL: readonly Kind[] = ["merges", "tags", "notes", "other"];

export const kindsFor = (admin: boolean): Kind[] =>
  KINDS.filter((kind) => admin || !OF_THE_TRAIL.includes(kind));

const OF_ACTIONS: Record<string, Kind> = {
  "customer.merge": "merges",
  "customer.unmerge": "merges",
  "customer.unlink": "merges",
  "customer.claim": "merges",
  "customer.tag": "tags",
  "rule.skip": "rules",
  "note.add": "notes",
  "note.delete": "notes",
};

/** What kind an action of the audit trail is of. */
export const kindOf = (action: string): Kind => OF_ACTIONS[action] ?? "other";

/** The kind that an address asks for; null for everything. */
export const kindFrom = (text: string | null): Kind | null =>
  KINDS.find((kind) => kind === text) ?? null;
