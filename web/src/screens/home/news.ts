const DAY = 86_400_000; // milliseconds

/** The moment since which there is news: the end of the visit before this one, and for who comes for the first
 * time the day before. */
export const sinceOf = (visit: number | null, now: number): string =>
  new Date(visit ?? now - DAY).toISOString();
