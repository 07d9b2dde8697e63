const MINUTE = 60_000; // milliseconds
const DAY = 24 * 60 * MINUTE;

/** The moment since which there is news: the end of the visit before this one, and for who comes for the first
 * time the day before, to the minute, so that it is not another question each time that the page is shown. */
export const sinceOf = (visit: number | null, now: number): string =>
  new Date(visit ?? Math.floor((now - DAY) / MINUTE) * MINUTE).toISOString();
