/** How many people a segment had on a day on which somebody counted it. */
export interface DayCount {
  day: string;
  count: number;
}

/** So many bars can still be told apart. */
const MOST = 40;

/** Counts to draw: all of them where they are few, else the last of each of as many stretches, so that the
 * newest is always there. */
export function drawn(counts: DayCount[], most = MOST): DayCount[] {
  if (counts.length <= most) return counts;
  const step = counts.length / most;
  return Array.from({ length: most }, (_, at) => counts[Math.ceil((at + 1) * step) - 1]).filter(
    (one) => one !== undefined,
  );
}
