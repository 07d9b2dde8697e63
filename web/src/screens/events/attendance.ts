import type { EventRow, SegmentNode } from "../../api/types";
import { dateOf, number } from "../../format";

/** Whether an event is still to come; one without a known start counts as begun. */
export const isToCome = ({ startsAt }: EventRow, now: Date): boolean =>
  startsAt !== null && dateOf(startsAt) > now;

/** Whether anybody's check-in is recorded. */
export const isRecorded = ({ checkedIn, noShows }: EventRow): boolean => checkedIn + noShows > 0;

/** How many were there and how many stayed away, as far as that can be known. */
export function cameOf(event: EventRow, now: Date): { attended: string; noShows: string } {
  if (isToCome(event, now)) return { attended: "–", noShows: "–" };
  const noShows = isRecorded(event) ? number(event.noShows) : "–";
  return { attended: number(event.attended), noShows };
}

/** Who has something to do with an event: who has a ticket, who came, and who did not. */
export const WHO = ["coming", "came", "noShow"] as const;
export type Who = (typeof WHO)[number];

const FIELDS = {
  coming: ["hasTicket", "has_ticket"],
  came: ["attended", "attended"],
  noShow: ["noShow", "no_show"],
} as const;

/** The segment of those who have something to do with an event. */
export const segmentOf = (who: Who, eventId: string): SegmentNode => ({
  [FIELDS[who][0]]: eventId,
});

/** The same as text. */
export const textOf = (who: Who, eventId: string): string =>
  `${FIELDS[who][1]}:${JSON.stringify(eventId)}`;

/** How many they are. */
export const countOf = (who: Who, event: EventRow): number =>
  ({ coming: event.holders, came: event.attended, noShow: event.noShows })[who];
