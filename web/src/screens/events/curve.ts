/** What was sold on a day, such as 2026-11-29. */
export interface DaySold {
  day: string;
  tickets: number;
}

/** Days in a row, of which the last is so many days before the event. */
export interface Stretch {
  /** The last day of it. */
  day: string;
  /** How many days that is before the event; 0 of the day itself. */
  before: number;
  /** Tickets sold before the stretch, and in it. */
  earlier: number;
  sold: number;
}

/** So many bars can be told apart. */
const MOST = 30;

/** How many days a bar can be of: the fewest with which there are few enough bars. */
const LENGTHS = [1, 7, 14, 28, 56, 91, 182, 364];

const DAY = 86_400_000;
const numberOf = (day: string) => Date.parse(`${day}T00:00:00Z`) / DAY;
const dayOf = (count: number) => new Date(count * DAY).toISOString().slice(0, 10);

/** The curve of sales until the day of an event, or until today where that is to come. Stretches are counted
 * back from the event; what is sold after it is in the last one. */
export function curveOf(
  days: DaySold[],
  event: string,
  today: string,
): { length: number; stretches: Stretch[] } {
  const first = days[0];
  if (!first) return { length: 1, stretches: [] };
  const at = numberOf(event);
  const before = (day: string) => Math.max(0, at - numberOf(day));
  const span = before(first.day) - before(today) + 1;
  const length = LENGTHS.find((one) => span / one <= MOST) ?? Math.ceil(span / MOST);
  const from = Math.floor(before(first.day) / length);
  const to = Math.min(from, Math.floor(before(today) / length));
  const sold = new Map<number, number>();
  for (const { day, tickets } of days) {
    const place = Math.max(to, Math.floor(before(day) / length));
    sold.set(place, (sold.get(place) ?? 0) + tickets);
  }
  const stretches: Stretch[] = [];
  let earlier = 0;
  for (let place = from; place >= to; place -= 1) {
    const here = sold.get(place) ?? 0;
    const last = place * length;
    stretches.push({ day: dayOf(at - last), before: last, earlier, sold: here });
    earlier += here;
  }
  return { length, stretches };
}
