import {
  collection,
  count,
  getAggregateFromServer,
  getCountFromServer,
  type QueryConstraint,
  query,
  sum,
  where,
} from "firebase/firestore";
import { refusalOf } from "../../api/calls";
import type { KnownEvent } from "../../api/queries";
import type { Customer } from "../../api/types";
import type { Backend } from "../../firebase";
import { month } from "../../format";

export interface Totals {
  customers: number;
  registered: number;
  subscribed: number;
}

export interface Month {
  month: string;
  newcomers: number;
  returning: number;
}

const MONTHS = 12;

async function asking<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw refusalOf(error);
  }
}

/** Count customers by aggregation: one read for each thousand. */
export async function totals({ firestore }: Backend): Promise<Totals> {
  const all = collection(firestore, "customers");
  const [customers, registered, subscribed] = await asking(
    Promise.all([
      getCountFromServer(all),
      getCountFromServer(query(all, where("registered", "==", true))),
      getCountFromServer(query(all, where("marketing.status", "==", "subscribed"))),
    ]),
  );
  return {
    customers: customers.data().count,
    registered: registered.data().count,
    subscribed: subscribed.data().count,
  };
}

/** Add up what customers spent in these currencies, each by itself. */
export async function spend(
  { firestore }: Backend,
  currencies: string[],
): Promise<Record<string, number>> {
  const all = collection(firestore, "customers");
  const sums = await asking(
    Promise.all(
      currencies.map((code) => getAggregateFromServer(all, { net: sum(`totalSpend.${code}`) })),
    ),
  );
  return Object.fromEntries(currencies.map((code, at) => [code, sums[at]?.data().net ?? 0]));
}

/** Count who ordered for the first time in each of the last months up to the latest order, and whose
 * latest order was in it and not the first. */
export async function months(backend: Backend, latest: Date): Promise<Month[]> {
  const first = (back: number) =>
    new Date(Date.UTC(latest.getUTCFullYear(), latest.getUTCMonth() - back, 1));
  const customers = collection(backend.firestore, "customers");
  const ask = async (...clauses: QueryConstraint[]) =>
    (await getCountFromServer(query(customers, ...clauses))).data().count;
  const within = (field: string, back: number) => [
    where(field, ">=", first(back)),
    where(field, "<", first(back - 1)),
  ];
  const all = Array.from({ length: MONTHS }, async (_, at) => {
    const back = MONTHS - 1 - at;
    const last = within("lastOrderAt", back);
    const [newcomers, ordered, once] = await Promise.all([
      ask(...within("firstOrderAt", back)),
      ask(...last),
      ask(where("orderCount", "==", 1), ...last),
    ]);
    return { month: month(first(back)), newcomers, returning: ordered - once };
  });
  return await asking(Promise.all(all));
}

export interface EventFigure {
  eventId: string;
  name: string;
  attended: number;
}

const EVENTS = 10;
const ASKED = 15;

/** Of the events that most of the customers who bought last were at, those that most of all were. */
export async function topEvents(
  { firestore }: Backend,
  events: KnownEvent[],
): Promise<EventFigure[]> {
  const all = collection(firestore, "customers");
  const past = events.filter((one) => one.attended); // nobody was at an event to come
  const asked = past.sort((one, other) => other.attended - one.attended).slice(0, ASKED);
  const figures = await asking(
    Promise.all(
      asked.map(async ({ eventId, name }) => {
        const at = query(all, where("attendedEventIds", "array-contains", eventId));
        const found = await getAggregateFromServer(at, { attended: count() });
        return { eventId, name, attended: found.data().attended };
      }),
    ),
  );
  return figures.sort((one, other) => other.attended - one.attended).slice(0, EVENTS);
}

/** The currencies that these customers spent in. */
export function currenciesOf(customers: Customer[]): string[] {
  return [...new Set(customers.flatMap((one) => Object.keys(one.totalSpend)))].sort();
}
