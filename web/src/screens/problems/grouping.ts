import type { QuarantineRow } from "../../api/types";

export interface Group {
  reason: string;
  /** What cannot be read: a user's document has a reason of its own. */
  kind: "orders" | "users";
  rows: QuarantineRow[];
}

/** The rows of one reason together, the largest group first. */
export function grouped(rows: QuarantineRow[]): Group[] {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const kind = isUser(row) ? "users" : "orders";
    const key = `${kind} ${row.reason}`;
    const group = groups.get(key) ?? { reason: row.reason, kind, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  return [...groups.values()].sort(
    (one, other) => other.rows.length - one.rows.length || one.reason.localeCompare(other.reason),
  );
}

const isUser = (row: QuarantineRow): boolean => row.collection.split("/").at(-1) === "users";

/** A document's page in the Firebase console, by the template of `get_settings`. */
export const documentPage = (template: string | null, path: string): string | null =>
  template?.replace("{path}", encodeURIComponent(path).replaceAll("%", "~")) ?? null;

/** So many documents are looked at again at a time. */
export const AT_ONCE = 4;

/** Rows in parts that are looked at together. */
export function parts<T>(rows: T[], size = AT_ONCE): T[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, at) =>
    rows.slice(at * size, (at + 1) * size),
  );
}
