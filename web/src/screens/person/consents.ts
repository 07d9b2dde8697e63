import { useInfiniteQuery } from "@tanstack/react-query";
import { call } from "../../api/calls";
import type { Consent } from "../../api/types";
import { useBackend } from "../../backend";

/** A decision, with the addresses and accounts that it was made for. */
export interface Decision extends Omit<Consent, "address" | "userId"> {
  of: string[];
}

/** The decisions that records tell of: each has a record for every address and account. */
export function decisionsOf(records: Consent[]): Decision[] {
  const decisions = new Map<string, Decision>();
  for (const { address, userId, ...record } of records) {
    const { at, status, source, evidence } = record;
    const key = JSON.stringify([at, status, source, evidence]);
    const of = address ?? (userId ? `account ${userId}` : null);
    const decision = decisions.get(key) ?? { ...record, of: [] };
    if (of) decision.of.push(of);
    decisions.set(key, decision);
  }
  return [...decisions.values()];
}

const SOURCES: Record<string, string> = {
  order: "ticked in an order",
  staff: "recorded by staff",
  unsubscribe: "by the link in a newsletter",
  complaint: "called a mail spam",
  form: "confirmed by a click in a mail",
  import: "from an imported list",
  suppression: "the address had withdrawn before",
};

/** The source of a decision in words. */
export const sourceOf = (source: string): string => SOURCES[source] ?? source;

/** Evidence as one text. */
export function evidenceOf(evidence: Consent["evidence"]): string | null {
  if (evidence === null || typeof evidence === "string") return evidence;
  const { orderId, ...texts } = evidence;
  if (orderId && !Object.keys(texts).length) return `Order ${orderId}`;
  return Object.entries(evidence)
    .map(([name, text]) => `${name}: ${text}`)
    .join("\n");
}

/** The records of what a customer decided about newsletters, the latest first. */
export function useConsents(customerId: string, version: number) {
  const backend = useBackend();
  return useInfiniteQuery({
    queryKey: ["consents", customerId, version],
    queryFn: ({ pageParam }) =>
      call<{ consents: Consent[]; nextPageToken: string | null }>(backend, "list_consents", {
        customerId,
        pageToken: pageParam,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextPageToken,
    placeholderData: (before, query) => (query?.queryKey[1] === customerId ? before : undefined),
  });
}
