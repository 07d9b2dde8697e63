/** What a list of people can show of each; the name is always there. */
export const COLUMNS = [
  "address",
  "tags",
  "spend",
  "orders",
  "firstOrder",
  "lastOrder",
  "attended",
  "newsletter",
  "since",
] as const;
/** A column; `field:seats` is an own field. */
export type Column = (typeof COLUMNS)[number] | `field:${string}`;

/** What is shown to who has chosen nothing. */
export const USUAL: readonly Column[] = [
  "tags",
  "spend",
  "orders",
  "firstOrder",
  "lastOrder",
  "newsletter",
];

const isColumn = (name: string): name is Column =>
  name.startsWith("field:") || (COLUMNS as readonly string[]).includes(name);

/** Columns as they stand in the address of a page and in the browser's memory; none is a choice, too. */
export const columnsText = (columns: readonly Column[]): string => columns.join(",") || "none";

/** The columns of a text; null where it says nothing that there is. */
export function columnsOf(text: string | null): Column[] | null {
  if (!text) return null;
  if (text === "none") return [];
  const found = text.split(",").filter(isColumn);
  return found.length ? [...new Set(found)] : null;
}

/** A column more or less, in the order in which all of them stand. */
export function toggled(
  columns: readonly Column[],
  column: Column,
  all: readonly Column[],
): Column[] {
  const next = new Set(columns);
  if (!next.delete(column)) next.add(column);
  return all.filter((one) => next.has(one));
}
