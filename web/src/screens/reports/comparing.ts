import type { Comparison } from "../../api/reports";
import { textOf } from "../../segments/writing";
import type { Cell } from "./csv";

/** So many events can be compared at once (docs/calls.md). */
export const MOST = 12;

/** The events that an address names, each once. */
export const chosenIn = (params: URLSearchParams): string[] =>
  [...new Set(params.getAll("event").filter((one) => one.trim()))].slice(0, MOST);

/** The segment of who was at two events; at one, where both are the same. */
export const atBoth = (one: string, other: string): string =>
  one === other
    ? textOf({ attended: one })
    : textOf({ all: [{ attended: one }, { attended: other }] });

/** How many of those who were at an event were at another one, and how many were there at all. */
export function cameAgain(
  { both }: Pick<Comparison, "both">,
  row: number,
  column: number,
): { again: number; all: number } {
  return { again: both[row]?.[column] ?? 0, all: both[row]?.[row] ?? 0 };
}

/** The table as plain numbers, with the ids beside the names. */
export function comparisonRows(
  { events, both }: Pick<Comparison, "events" | "both">,
  head: [id: string, name: string],
): Cell[][] {
  return [
    [...head, ...events.map(({ eventId }) => eventId)],
    ...events.map(({ eventId, name }, row) => [
      eventId,
      name,
      ...events.map((_, column) => both[row]?.[column] ?? null),
    ]),
  ];
}
