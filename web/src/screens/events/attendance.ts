import type { EventRow } from "../../api/types";
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

/** The segment of those who have something to do with an event. */
export function segmentOf(field: "attended" | "has_ticket" | "no_show", eventId: string): string {
  return `${field}:${JSON.stringify(eventId)}`;
}
