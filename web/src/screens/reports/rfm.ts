import { digitsOf, isCurrency, majorOf, minorOf } from "../../format";
import { typedNumber } from "../../ui/typing";

/** Where one group of people ends and the next begins. */
export interface Bounds {
  /** Whose last order is at most so many days ago is there. */
  recent: number;
  /** Whose last order is more than so many days ago is gone. */
  gone: number;
  /** Who has so many orders comes often. */
  often: number;
  /** What a champion has spent, too, in minor units; null where that plays no part. */
  spend: { minor: number; currency: string } | null;
}

export const USUAL: Bounds = { recent: 180, gone: 365, often: 4, spend: null };

/** The groups by recency, frequency and money: everybody is in exactly one. */
export const GROUPS = [
  "champions",
  "loyal",
  "new",
  "atRisk",
  "cooling",
  "lostRegulars",
  "lost",
  "never",
] as const;
export type Group = (typeof GROUPS)[number];

/** An amount as a segment's text has it. */
function amountText({ minor, currency }: NonNullable<Bounds["spend"]>): string {
  const major = majorOf(minor, currency);
  const text = Number.isInteger(major) ? String(major) : major.toFixed(digitsOf(currency));
  return `${text} ${currency}`;
}

/** The segment of a group, as text. */
export function segmentOf(group: Group, { recent, gone, often, spend }: Bounds): string {
  const here = `last_order_at within ${recent} days`;
  const cool = `last_order_at older than ${recent} days, within ${gone} days`;
  const away = `last_order_at older than ${gone} days`;
  const rich = spend && `total_spend >= ${amountText(spend)}`;
  const best = `order_count >= ${often}${rich ? ` and ${rich}` : ""}`;
  switch (group) {
    case "champions":
      return `${here} and ${best}`;
    case "loyal":
      return rich
        ? `${here} and order_count >= 2 and not (${best})`
        : `${here} and order_count >= 2, < ${often}`;
    case "new":
      return `${here} and order_count = 1`;
    case "atRisk":
      return `${cool} and order_count >= 2`;
    case "cooling":
      return `${cool} and order_count = 1`;
    case "lostRegulars":
      return `${away} and order_count >= 2`;
    case "lost":
      return `${away} and order_count = 1`;
    case "never":
      return "order_count = 0";
  }
}

/** The longest stretch that a segment can say, in days. */
const LONGEST = 36_500;

/** Bounds as they are typed, and stand in the address of the page; null where they make no sense together. */
export function boundsOf(
  typed: Record<"recent" | "gone" | "often" | "spend" | "currency", string>,
) {
  const [recent, gone, often] = [typed.recent, typed.gone, typed.often].map((one) =>
    typedNumber(one, 0),
  );
  if (!recent || !gone || !often || recent >= gone || gone > LONGEST || often < 2) return null;
  if (!typed.spend.trim()) return { recent, gone, often, spend: null };
  if (!isCurrency(typed.currency)) return null;
  const major = typedNumber(typed.spend, digitsOf(typed.currency));
  if (major === null || major <= 0) return null;
  const spend = { minor: minorOf(major, typed.currency), currency: typed.currency };
  return { recent, gone, often, spend };
}
