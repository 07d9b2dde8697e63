import type { Customer, Moment, Order } from "../../api/types";
import { dateOf } from "../../format";

/** Since when somebody is a customer: from the first order on, also where that was taken in later. */
export function customerSince(
  { createdAt, firstOrderAt }: Pick<Customer, "createdAt" | "firstOrderAt">,
  orders: Pick<Order, "createdAt">[],
): Moment {
  const known = [createdAt, firstOrderAt, ...orders.map((one) => one.createdAt)];
  return known
    .filter((moment) => moment !== null)
    .reduce((one, other) => (dateOf(other) < dateOf(one) ? other : one));
}
