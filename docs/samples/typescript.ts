// sample:begin setup
import { crm, pages, Refusal } from "crm-lite-client";
import type { FirebaseApp } from "firebase/app";
import { getFunctions } from "firebase/functions";

export function client(app: FirebaseApp) {
  return crm(getFunctions(app, "us-central1")); // the `region` of crm.toml
}

export type Client = ReturnType<typeof client>;
// sample:end

// sample:begin spent
/** What a customer has spent, in minor units by currency; null for nobody. */
export async function spentBy(client: Client, email: string) {
  try {
    const { customer } = await client.getCustomer({ email });
    return customer.totalSpend; // { USD: 12990 }: 129.90 USD
  } catch (error) {
    if (error instanceof Refusal && error.reason === "no-such-customer") return null;
    throw error;
  }
}
// sample:end

// sample:begin pages
/** The ids of everybody in a segment. */
export async function idsOf(client: Client, segment: string) {
  const ids: string[] = [];
  for await (const { customers } of pages(client.querySegment, { segment, pageSize: 200 }))
    ids.push(...customers.map((one) => one.customerId));
  return ids;
}
// sample:end
