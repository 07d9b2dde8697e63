import type { Figures, FiguresRow } from "../api/types";
import { dayIn } from "../format";
import { monthBefore } from "./periods";

const MONTHS = 12;

const DAY = 86_400_000; // milliseconds

/** The days to ask for so that the twelve months up to a moment are in the answer as wholes, whatever the zone
 * of the days is: it can be that of tomorrow in UTC, or of yesterday. */
export function daysAround(latest: Date): { from: string; to: string } {
  const shifted = (days: number) =>
    new Date(latest.getTime() + DAY * days).toISOString().slice(0, 10);
  const behind = new Date(`${monthBefore(shifted(1), -1)}T00:00:00Z`);
  return {
    from: monthBefore(shifted(-1), MONTHS - 1),
    to: new Date(behind.getTime() - DAY).toISOString().slice(0, 10),
  };
}

/** The twelve months up to a moment, the month of which is the last; nothing is in a month without a row. */
export function monthsUntil(
  { figures, timeZone }: Pick<Figures, "figures" | "timeZone">,
  latest: Date,
): FiguresRow[] {
  const rows = new Map(figures.map((row) => [row.start.slice(0, 7), row]));
  const last = dayIn(latest, timeZone);
  return Array.from({ length: MONTHS }, (_, at) => {
    const start = monthBefore(last, MONTHS - 1 - at);
    const none = { orders: 0, revenue: {}, newCustomers: 0, returningCustomers: 0 };
    return { ...none, ...rows.get(start.slice(0, 7)), start };
  });
}

/** The currencies of some months, those with revenue in most of them first. */
export function currenciesOf(months: FiguresRow[]): string[] {
  const often = new Map<string, number>();
  for (const { revenue } of months) {
    for (const [code, minor] of Object.entries(revenue)) {
      often.set(code, (often.get(code) ?? 0) + (minor ? 1 : 0));
    }
  }
  return [...often]
    .sort(([one, more], [other, less]) => less - more || one.localeCompare(other))
    .map(([code]) => code);
}

/** The revenue of some months, each currency by itself. */
export function revenueOf(months: FiguresRow[]): Record<string, number> {
  const sum = (code: string) => months.reduce((all, row) => all + (row.revenue[code] ?? 0), 0);
  return Object.fromEntries(currenciesOf(months).map((code) => [code, sum(code)]));
}
