import { useEffect, useSyncExternalStore } from "react";

/** Who was away for so long, in milliseconds, visits anew. */
const AWAY = 60 * 60_000;

/** How exactly it is kept when somebody was there, in milliseconds. */
const OFTEN = 60_000;

/** When an account was there, in milliseconds since 1970: last, and at the end of the visit before this one. */
export interface Visits {
  seen: number;
  before: number | null;
}

/** The visits of who is there at this moment. */
export function visitedAt(kept: Visits | null, now: number): Visits {
  if (!kept) return { seen: now, before: null };
  return now - kept.seen > AWAY ? { seen: now, before: kept.seen } : { ...kept, seen: now };
}

/** Visits as they are kept as text; null where none are. */
export function visitsOf(text: string | null): Visits | null {
  try {
    const { seen, before } = JSON.parse(text ?? "null") ?? {};
    if (!Number.isFinite(seen)) return null;
    return { seen, before: Number.isFinite(before) ? before : null };
  } catch {
    return null;
  }
}

const keyOf = (account: string) => `crm-visits-${account}`;
const MOVED = "crm-visits";

const keptOf = (account: string) => visitsOf(localStorage.getItem(keyOf(account)));

function note(account: string): void {
  const [kept, now] = [keptOf(account), Date.now()];
  if (kept && Math.abs(now - kept.seen) < OFTEN) return;
  const next = visitedAt(kept, now);
  localStorage.setItem(keyOf(account), JSON.stringify(next));
  if (next.before !== kept?.before) window.dispatchEvent(new Event(MOVED));
}

const SIGNS = ["pointerdown", "keydown", "visibilitychange"] as const;

/** Remember, in this browser, when an account was there: whoever does something is. */
export function useVisiting(account: string): void {
  useEffect(() => {
    const there = () => {
      if (!document.hidden) note(account);
    };
    there();
    for (const sign of SIGNS) document.addEventListener(sign, there);
    return () => {
      for (const sign of SIGNS) document.removeEventListener(sign, there);
    };
  }, [account]);
}

function follow(told: () => void): () => void {
  window.addEventListener(MOVED, told);
  return () => window.removeEventListener(MOVED, told);
}

/** The end of an account's visit before this one, in milliseconds since 1970; null for the first one. */
export const useLastVisit = (account: string): number | null =>
  useSyncExternalStore(follow, () => visitedAt(keptOf(account), Date.now()).before);
