import { expect, test } from "vitest";
import { atBoth, cameAgain, chosenIn, comparisonRows, MOST } from "./comparing";

const event = (eventId: string, name: string | null) => ({
  eventId,
  name,
  startsAt: null,
  attended: 0,
});

const ANSWER = {
  events: [event("a", "Ball"), event("b b", null)],
  both: [
    [40, 14],
    [14, 20],
  ],
};

test.each([
  ["event=a&event=b", ["a", "b"]],
  ["event=a&event=a&event=+", ["a"]],
  ["tab=events", []],
])("the address ?%s compares %j", (address, events) => {
  expect(chosenIn(new URLSearchParams(address))).toEqual(events);
});

test("an address with too many events compares the first of them", () => {
  const many = Array.from({ length: 20 }, (_, at) => ["event", `e${at}`]);
  expect(chosenIn(new URLSearchParams(many))).toHaveLength(MOST);
});

test("of those at one event some came to another", () => {
  expect(cameAgain(ANSWER, 0, 1)).toEqual({ again: 14, all: 40 });
  expect(cameAgain(ANSWER, 1, 0)).toEqual({ again: 14, all: 20 });
  expect(cameAgain(ANSWER, 1, 1)).toEqual({ again: 20, all: 20 });
  expect(cameAgain({ both: [] }, 0, 0)).toEqual({ again: 0, all: 0 });
});

test("who was at two events is a segment", () => {
  expect(atBoth("a", "b b")).toBe('attended:a and attended:"b b"');
  expect(atBoth("a", "a")).toBe("attended:a");
});

test("the table is numbers with the ids of the events", () => {
  expect(comparisonRows(ANSWER, ["Id", "Name"])).toEqual([
    ["Id", "Name", "a", "b b"],
    ["a", "Ball", 40, 14],
    ["b b", null, 14, 20],
  ]);
});
