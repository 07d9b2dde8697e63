import { Link } from "react-router";
import type { EventRow } from "../api/types";
import { day } from "../format";

/** The page of an event. Its id is the host's, and can hold what a path cannot. */
export const eventPath = (eventId: string) =>
  `/events/event?${new URLSearchParams({ id: eventId })}`;

/** An event by its name and date, for where there can be several of one name. */
export function eventLabel(event: Pick<EventRow, "eventId" | "name" | "startsAt">): string {
  const name = event.name ?? event.eventId;
  return event.startsAt ? `${name} · ${day(event.startsAt)}` : name;
}

/** An event's name, with a link to its page. */
export function EventLink(props: { eventId: string; name?: string | null }) {
  return (
    <Link className="link" to={eventPath(props.eventId)}>
      {props.name ?? props.eventId}
    </Link>
  );
}
