import type { Cohorts } from "../../api/reports";
import { type Days, dayAfter, monthBefore } from "../../ui/periods";
import type { Cell } from "./csv";

type Cohort = Cohorts["cohorts"][number];

/** How many columns of months a table has: as many as the oldest cohort was followed for. */
export const monthsIn = (cohorts: Cohort[]): number =>
  Math.max(0, ...cohorts.map(({ active }) => active.length));

/** Whether anybody is in them. */
export const isEmpty = (cohorts: Cohort[]): boolean =>
  cohorts.every(({ customers }) => customers === 0);

/** The days of a month such as 2024-01. */
export function daysOf(month: string): Days {
  const from = `${month}-01`;
  return { from, to: dayAfter(monthBefore(from, -1), -1) };
}

/** How dark a share of a cohort is shown, from 0 to 1: nobody not at all, and few so that it can be seen. Text
 * is readable on the darkest, in light and dark colours. */
export function shadeOf(part: number, whole: number): number {
  if (!part || !whole) return 0;
  return 0.06 + 0.34 * Math.min(1, part / whole);
}

/** The table as plain numbers; what is not known yet stays empty. */
export function cohortRows(cohorts: Cohort[], head: [month: string, people: string]): Cell[][] {
  const columns = Array.from({ length: monthsIn(cohorts) }, (_, after) => after);
  return [
    [...head, ...columns],
    ...cohorts.map(({ month, customers, active }) => [
      month,
      customers,
      ...columns.map((after) => active[after] ?? null),
    ]),
  ];
}
