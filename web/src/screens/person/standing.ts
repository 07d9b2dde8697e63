import type { TicketedEvent } from "../../api/types";
import { dateOf } from "../../format";

/** How somebody stands to an event that a ticket was ordered for. */
export type Attendance = "upcoming" | "attended" | "noShow" | "noTicket";

/** Whether an event has begun; one without a known start has. */
const hasBegun = (event: TicketedEvent, now: Date) =>
  !event.startsAt || dateOf(event.startsAt) <= now;

/** What is known of whether somebody was at an event. Where no check-in was recorded, the ticket counts. */
export function attendanceOf(event: TicketedEvent, now: Date): Attendance {
  if (event.checkedIn) return "attended";
  if (!event.tickets) return "noTicket";
  if (!hasBegun(event, now)) return "upcoming";
  return event.checkedIn === null ? "attended" : "noShow";
}

export interface Standing {
  /** Events that have begun, of those with a ticket. */
  begun: number;
  attended: number;
  /** The next one to come, by its id. */
  next: string | null;
}

/** How many of somebody's events were attended, and which one is next. */
export function standingOf(events: Record<string, TicketedEvent>, now: Date): Standing {
  const begun = Object.values(events)
    .map((event) => attendanceOf(event, now))
    .filter((one) => one === "attended" || one === "noShow");
  const coming = Object.entries(events)
    .filter(([, event]) => attendanceOf(event, now) === "upcoming")
    .sort(([, one], [, other]) => startOf(one) - startOf(other));
  return {
    begun: begun.length,
    attended: begun.filter((one) => one === "attended").length,
    next: coming[0]?.[0] ?? null,
  };
}

const startOf = (event: TicketedEvent) => (event.startsAt ? dateOf(event.startsAt).getTime() : 0);

/** Somebody's events, those to come first and the next of them on top, then those that were, the last first. */
export function inOrder(
  events: Record<string, TicketedEvent>,
  now: Date,
): { upcoming: [string, TicketedEvent][]; past: [string, TicketedEvent][] } {
  const all = Object.entries(events);
  const upcoming = all
    .filter(([, event]) => !hasBegun(event, now))
    .sort(([, one], [, other]) => startOf(one) - startOf(other));
  const past = all
    .filter(([, event]) => hasBegun(event, now))
    .sort(([, one], [, other]) => startOf(other) - startOf(one));
  return { upcoming, past };
}
