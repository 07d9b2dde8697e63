import { useSyncExternalStore } from "react";
import { dayIn, ZONE } from "../format";

/** The views that everybody has, with the segment that each is. */
export const BUILT_IN = ["all", "new", "lapsed", "subscribed"] as const;
export type BuiltIn = (typeof BUILT_IN)[number];

/** Who has not ordered for so many days has lapsed. */
export const LAPSED_DAYS = 365;

export const isBuiltIn = (view: string): view is BuiltIn =>
  (BUILT_IN as readonly string[]).includes(view);

/** The question of a view as text: of a saved segment where it is none that everybody has. */
export function questionOf(view: string, now = new Date(), zone = ZONE): string {
  if (view === "all" || !view) return "";
  if (view === "new") return `first_order_at >= ${dayIn(now, zone).slice(0, 8)}01`;
  if (view === "lapsed") return `last_order_at older than ${LAPSED_DAYS} days`;
  if (view === "subscribed") return "marketing:subscribed";
  return `segment:${view}`;
}

const KEPT = "crm-views";

/** The saved segments that are views in this browser, by their ids. */
export function readPinned(kept: string | null): string[] {
  try {
    const found: unknown = JSON.parse(kept ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
  } catch {
    return []; // somebody else's text
  }
}

const told = new Set<() => void>();

function follow(tell: () => void): () => void {
  told.add(tell);
  window.addEventListener("storage", tell); // another window's choice
  return () => {
    told.delete(tell);
    window.removeEventListener("storage", tell);
  };
}

/** The pinned views, and a function that pins one or takes it away. */
export function usePinned(): [string[], (segmentId: string, on: boolean) => void] {
  const kept = useSyncExternalStore(follow, () => localStorage.getItem(KEPT));
  const pinned = readPinned(kept);
  const pin = (segmentId: string, on: boolean) => {
    const others = readPinned(localStorage.getItem(KEPT)).filter((one) => one !== segmentId);
    localStorage.setItem(KEPT, JSON.stringify(on ? [...others, segmentId] : others));
    for (const tell of told) tell();
  };
  return [pinned, pin];
}
