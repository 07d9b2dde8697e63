import { useQueries, useQuery } from "@tanstack/react-query";
import { call } from "../../api/calls";
import type { Customer, Likely } from "../../api/types";
import { useBackend } from "../../backend";
import { mailAddressOf } from "../../ui/CustomerCells";

/** Why somebody may be the same person. */
export type Reason = Likely["reason"] | "same-name" | "same-address";

export interface Lookalike {
  customer: Customer;
  reasons: Reason[];
}

/** A text without case and accents, and with single blanks. */
const folded = (text: string) =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " ").trim();

/** Whether two people are called the same, in whichever order the words of the name are. */
export function sameName(one: string | null, other: string | null): boolean {
  const words = (name: string) => folded(name).replaceAll(",", "").split(" ").sort().join(" ");
  return !!one && !!other && words(one) === words(other);
}

const addressesOf = (customer: Customer): string[] =>
  [...customer.emails, ...(customer.contactEmail ? [customer.contactEmail] : [])].map((one) =>
    one.toLowerCase(),
  );

/** The people who may be the same as one, each once, those that the server says first. */
export function lookalikesOf(
  customer: Customer,
  likely: { customer: Customer; reason: Likely["reason"] }[],
  others: Customer[],
): Lookalike[] {
  const found = new Map<string, Lookalike>();
  const add = (other: Customer, reason: Reason) => {
    if (other.customerId === customer.customerId) return;
    const known = found.get(other.customerId) ?? { customer: other, reasons: [] };
    if (!known.reasons.includes(reason)) known.reasons.push(reason);
    found.set(other.customerId, known);
  };
  for (const one of likely) add(one.customer, one.reason);
  const own = addressesOf(customer);
  for (const other of others) {
    if (addressesOf(other).some((address) => own.includes(address))) add(other, "same-address");
    if (sameName(customer.name, other.name)) add(other, "same-name");
  }
  return [...found.values()];
}

/** What a search for people of a name, or with an address, takes at least. */
const SHORTEST = 2;
const MOST = 50;

/** Who may be the same person: as the server works it out, by name, and by the address to reach them. */
export function useLookalikes(customer: Customer, likely: Likely[] | undefined) {
  const backend = useBackend();
  const questions = [customer.name, mailAddressOf(customer)].filter(
    (text): text is string => !!text && text.trim().length >= SHORTEST,
  );
  const searched = useQueries({
    queries: questions.map((q) => ({
      queryKey: ["customers", "lookalikes", q],
      queryFn: () => call(backend, "search_customers", { q: q.slice(0, 100), pageSize: MOST }),
      retry: false,
    })),
  });
  const named = useQuery({
    queryKey: ["customers", "likely", likely?.map(({ customerId }) => customerId)],
    queryFn: () =>
      Promise.all(
        (likely ?? []).map(({ customerId }) => call(backend, "get_customer", { customerId })),
      ),
    enabled: likely !== undefined,
    retry: false,
  });
  const failed = [named, ...searched].find((one) => one.error);
  const ready = named.data && searched.every((one) => one.data);
  const lookalikes =
    ready &&
    lookalikesOf(
      customer,
      (likely ?? []).flatMap(({ reason }, at) => {
        const found = named.data?.[at]?.customer;
        return found ? [{ customer: found, reason }] : [];
      }),
      searched.flatMap((one) => one.data?.customers ?? []),
    );
  const retry = () => {
    for (const one of [named, ...searched]) if (one.error) one.refetch();
  };
  return { lookalikes: lookalikes || undefined, error: failed?.error ?? null, retry };
}
