import { useSyncExternalStore } from "react";
import type { SegmentNode } from "../api/types";
import { dayIn, ZONE } from "../format";
import { textOf } from "../segments/writing";

/** The views that everybody has, with the segment that each is. */
export const BUILT_IN = ["all", "new", "lapsed", "subscribed"] as const;
export type BuiltIn = (typeof BUILT_IN)[number];

/** Who has not ordered for so many days has lapsed. */
export const LAPSED_DAYS = 365;

export const isBuiltIn = (view: string): view is BuiltIn =>
  (BUILT_IN as readonly string[]).includes(view);

/** The question of a view: of a saved segment where it is none that everybody has. */
export function nodeOfView(view: string, now = new Date(), zone = ZONE): SegmentNode {
  if (view === "all" || !view) return {};
  if (view === "new") return { firstOrderAt: { gte: `${dayIn(now, zone).slice(0, 8)}01` } };
  if (view === "lapsed") return { lastOrderAt: { olderThanDays: LAPSED_DAYS } };
  if (view === "subscribed") return { marketing: "subscribed" };
  return { segment: view };
}

/** The same as text; of everybody none. */
export function questionOf(view: string, now = new Date(), zone = ZONE): string {
  const node = nodeOfView(view, now, zone);
  return Object.keys(node).length ? textOf(node) : "";
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
