import { beforeAll, expect, test, vi } from "vitest";
import type { EventRow } from "../../api/types";
import { cameOf, segmentOf, textOf } from "./attendance";

const NOW = new Date("2026-05-01T19:00:00Z");

beforeAll(() => {
  vi.stubGlobal("navigator", { languages: ["en-GB"] });
});

const event = (fields: Partial<EventRow>): EventRow => ({
  eventId: "gala",
  name: "Gala",
  startsAt: "2026-05-01T18:59:59Z",
  holders: 1_400,
  attended: 1_200,
  checkedIn: 1_100,
  noShows: 200,
  newcomers: 1_000,
  returning: 400,
  ...fields,
});

test.each<[string, Partial<EventRow>, string, string]>([
  ["that has begun", {}, "1,200", "200"],
  ["to come", { startsAt: "2026-05-01T19:00:01Z" }, "–", "–"],
  ["without a known start", { startsAt: null }, "1,200", "200"],
  ["whose check-ins nobody recorded", { checkedIn: 0, noShows: 0 }, "1,200", "–"],
  ["to which nobody came", { attended: 0, checkedIn: 0 }, "0", "200"],
])("of an event %s is said how many came and did not", (_, fields, attended, noShows) => {
  expect(cameOf(event(fields), NOW)).toEqual({ attended, noShows });
});

test("a segment names an event by its id, whatever that holds", () => {
  expect(textOf("noShow", 'a "b" \\ c')).toBe('no_show:"a \\"b\\" \\\\ c"');
  expect(segmentOf("noShow", 'a "b"')).toEqual({ noShow: 'a "b"' });
});
