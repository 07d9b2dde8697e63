import { expect, test } from "vitest";
import type { TicketedEvent } from "../../api/types";
import { attendanceOf, inOrder, standingOf } from "./standing";

const NOW = new Date("2026-05-01T19:00:00Z");
const BEFORE = "2026-05-01T18:59:59Z";
const AFTER = "2026-05-01T19:00:01Z";
const LATER = "2026-06-01T19:00:00Z";

const event = (fields: Partial<TicketedEvent>): TicketedEvent => ({
  name: "Gala",
  startsAt: BEFORE,
  tickets: 2,
  checkedIn: null,
  ...fields,
});

test.each([
  [AFTER, 2, null, "upcoming"],
  [AFTER, 2, 0, "upcoming"],
  [AFTER, 2, 2, "attended"],
  [BEFORE, 2, null, "attended"],
  [BEFORE, 2, 0, "noShow"],
  [BEFORE, 2, 1, "attended"],
  [null, 2, null, "attended"],
  [null, 2, 0, "noShow"],
  [BEFORE, 0, null, "noTicket"],
  [AFTER, 0, 0, "noTicket"],
])("an event at %s with %i tickets, %s checked in: %s", (startsAt, tickets, checkedIn, wanted) => {
  expect(attendanceOf(event({ startsAt, tickets, checkedIn }), NOW)).toBe(wanted);
});

test("events are counted once they have begun, and the next one is the first to come", () => {
  const events = {
    came: event({ checkedIn: 1 }),
    unrecorded: event({}),
    missed: event({ checkedIn: 0 }),
    cancelled: event({ tickets: 0 }),
    far: event({ startsAt: LATER }),
    near: event({ startsAt: AFTER }),
    gone: event({ startsAt: AFTER, tickets: 0 }),
  };
  expect(standingOf(events, NOW)).toEqual({ begun: 3, attended: 2, next: "near" });
  expect(standingOf({}, NOW)).toEqual({ begun: 0, attended: 0, next: null });
});

test("events to come go by the nearest, those that were by the last", () => {
  const events = {
    old: event({ startsAt: "2020-01-01T00:00:00Z" }),
    undated: event({ startsAt: null }),
    far: event({ startsAt: LATER }),
    near: event({ startsAt: AFTER }),
    last: event({}),
  };
  const { upcoming, past } = inOrder(events, NOW);
  expect(upcoming.map(([id]) => id)).toEqual(["near", "far"]);
  expect(past.map(([id]) => id)).toEqual(["last", "old", "undated"]);
});
