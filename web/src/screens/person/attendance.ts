import type { TicketedEvent } from "../../api/types";
import { dateOf } from "../../format";

/** What is known of whether a customer was at an event, in words. */
export function attendance(event: TicketedEvent, now: Date): string {
  if (event.checkedIn) return `${event.checkedIn} checked in`;
  if (event.startsAt && dateOf(event.startsAt) > now) return "to come";
  return event.checkedIn === null ? "check-in not recorded" : "did not show up";
}
