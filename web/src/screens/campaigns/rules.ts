import type { Campaign, CampaignState, Counts, PersonState } from "../../api/campaigns";
import { clockIn, dateOf } from "../../format";

/** The lists of campaigns, each with the states of those in it. */
export const LISTS = {
  all: [
    "draft",
    "scheduled",
    "preparing",
    "sending",
    "paused",
    "halted",
    "done",
    "cancelled",
    "missed",
  ],
  drafts: ["draft"],
  scheduled: ["scheduled"],
  sending: ["preparing", "sending"],
  sent: ["done"],
  stopped: ["paused", "halted", "cancelled", "missed"],
} as const satisfies Record<string, readonly CampaignState[]>;

export type List = keyof typeof LISTS;

export const LIST_NAMES = Object.keys(LISTS) as List[];

/** The list that an address names. */
export const listOf = (name: string | null): List =>
  LIST_NAMES.find((one) => one === name) ?? "all";

/** The campaigns of a list, the newest first, each once: as it is followed rather than as it was answered. */
export function rowsOf(
  list: List,
  followed: Campaign[],
  answered: Campaign[],
  byRules: boolean,
): Campaign[] {
  const rows = new Map([...answered, ...followed].map((one) => [one.campaignId, one]));
  return [...rows.values()]
    .filter((one) => (LISTS[list] as readonly CampaignState[]).includes(one.state))
    .filter((one) => byRules || !one.rule)
    .sort((one, two) => dateOf(two.createdAt).getTime() - dateOf(one.createdAt).getTime());
}

/** The states of people in the order of the equation. */
export const PEOPLE: readonly PersonState[] = [
  "waiting",
  "accepted",
  "refused",
  "excluded",
  "uncertain",
];

/** How much of an audience is settled, of 100. */
export const settled = (counts: Counts): number =>
  counts.audience ? (100 * (counts.audience - counts.waiting)) / counts.audience : 0;

/** More people than this are not written to before somebody has typed how many they are. */
export const FREELY = 1_000;

export const mustType = (reachable: number): boolean => reachable > FREELY;

/** Whether a number was typed, with the marks that languages put between thousands. */
export const typedRight = (typed: string, reachable: number): boolean =>
  /^\d{1,3}(?:[.,\s'’]?\d{3})*$/.test(typed.trim()) &&
  Number(typed.replace(/\D/g, "")) === reachable;

/** What may be done with a campaign in a state. */
export const MAY: Record<"edit" | "pause" | "resume" | "cancel", readonly CampaignState[]> = {
  edit: ["draft", "scheduled", "paused"],
  pause: ["sending"],
  resume: ["paused", "halted"],
  cancel: ["scheduled", "preparing", "sending", "paused", "halted"],
};

/** How many seconds are left until a moment, by a clock that is so far ahead of the server's; never below 0. */
export const secondsUntil = (moment: number, now: number, ahead = 0): number =>
  Math.max(0, Math.ceil((moment - now + ahead) / 1000));

/** For how long a campaign can be taken back at once: longer waits are shown as a time. */
export const SOON = 10 * 60;

/** What the organiser's clock did to a time that was chosen: it skips it, or shows it twice. */
export function clockTrick(
  chosen: string | null,
  scheduledAt: Date,
  zone: string,
): "skipped" | "twice" | null {
  if (chosen === null) return null;
  const shown = clockIn(scheduledAt, zone);
  if (shown !== chosen.slice(0, 16)) return "skipped";
  const again = [30, 60, 120].some(
    (minutes) => clockIn(new Date(scheduledAt.getTime() + minutes * 60_000), zone) === shown,
  );
  return again ? "twice" : null;
}

/** Addresses that somebody typed, apart. */
export const addressesOf = (typed: string): string[] => [
  ...new Set(typed.split(/[\s,;]+/).filter(Boolean)),
];
