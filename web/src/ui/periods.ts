/** How figures are gathered. */
export const BYS = ["day", "week", "month"] as const;
export type By = (typeof BYS)[number];

/** Days from one to another, both included, such as 2024-01-31. */
export interface Days {
  from: string;
  to: string;
}

const DAY = 86_400_000; // milliseconds

const written = (moment: number) => new Date(moment).toISOString().slice(0, 10);

/** A day of the calendar, and not only digits. */
export function isCalendarDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const moment = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(moment) && written(moment) === text;
}

/** The day that is so many days behind another one. */
export const dayAfter = (day: string, days: number): string =>
  written(Date.parse(`${day}T00:00:00Z`) + days * DAY);

/** The first day of the month that is so many months before a day's. */
export function monthBefore(day: string, back: number): string {
  const [year = 0, month = 1] = day.split("-").map(Number);
  return written(Date.UTC(year, month - 1 - back, 1));
}

/** The days of a stretch that begins so, which the last day of all may cut. */
export function stretchOf(start: string, by: By, last?: string): Days {
  const end = {
    day: () => start,
    week: () => {
      const weekday = (new Date(`${start}T00:00:00Z`).getUTCDay() + 6) % 7; // from Monday
      return dayAfter(start, 6 - weekday);
    },
    month: () => dayAfter(monthBefore(start, -1), -1),
  }[by]();
  return { from: start, to: last !== undefined && last < end ? last : end };
}

const during = (field: string, { from, to }: Days): string =>
  from === to ? `${field} = ${from}` : `${field} >= ${from}, <= ${to}`;

/** The segment of who ordered for the first time on these days. */
export const newIn = (days: Days): string => during("first_order_at", days);

/** The segment of those of whom it is known that they ordered on these days: of whom the first or the last order is. */
export const orderedIn = (days: Days): string =>
  `${newIn(days)} or ${during("last_order_at", days)}`;

/** Where the people of a segment are listed. */
export const peopleOf = (segment: string): string => `/people?${new URLSearchParams({ segment })}`;
