import { dayIn } from "../../format";

const DAY = 86_400_000; // milliseconds

/** How many days are left until a request is to be answered, as the organiser's calendar counts them: 0 on the last
 * one, below it when that is over. */
export function daysLeft(dueAt: string, now: Date, timeZone: string): number {
  const day = (moment: Date) => Date.parse(`${dayIn(moment, timeZone)}T00:00:00Z`);
  return Math.round((day(new Date(dueAt)) - day(now)) / DAY);
}
