import type { Consent } from "../../api/types";
import { time } from "../../format";
import { t, wordsFor } from "../../words";

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
    const of = address ?? (userId ? t("person.account", { uid: userId }) : null);
    const decision = decisions.get(key) ?? { ...record, of: [] };
    if (of) decision.of.push(of);
    decisions.set(key, decision);
  }
  return [...decisions.values()];
}

/** The id of the order that shows a decision; null where something else does. */
export function orderOf({ evidence }: Pick<Decision, "evidence">): string | null {
  return evidence && typeof evidence === "object" ? (evidence.orderId ?? null) : null;
}

/** By what way a decision was made, in words. */
export function sourceOf(decision: Pick<Decision, "source" | "evidence">): string {
  const orderId = orderOf(decision);
  if (decision.source === "order" && orderId) return t("person.consent.atCheckout", { orderId });
  return plainSource(decision.source);
}

/** The way that what holds now came by, of which no more is known. */
export const plainSource = (source: string): string =>
  wordsFor(`person.consent.source.${source}`) ?? source;

/** What shows a decision, line by line: a label, where there is one, and a text. An order is told elsewhere. */
export function proofOf(evidence: Consent["evidence"]): { label: string | null; text: string }[] {
  if (evidence === null) return [];
  if (typeof evidence === "string") return [{ label: null, text: evidence }];
  return Object.entries(evidence)
    .filter(([name]) => name !== "orderId")
    .map(([name, text]) => ({
      label: wordsFor(`person.consent.evidence.${name}`) ?? name,
      text: MOMENT.test(text) ? time(text) : text,
    }));
}

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*(Z|[+-]\d{2}:\d{2})$/;
