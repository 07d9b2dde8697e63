import { expect, test } from "vitest";
import { complete, eventAsked } from "./completion";

const known = {
  tags: new Map([
    ["vip", "VIP"],
    ["early-bird", "Early bird"],
  ]),
  events: [
    { eventId: "ball", hint: "The spring ball · 1 Mar 2024" },
    { eventId: "gala (2024)", hint: "Gala" },
  ],
  segments: [{ name: "Loyal buyers", text: "order_count >= 5" }],
  fields: [
    { name: "company", label: "Company" },
    { name: "seats", label: "Chairs" },
  ],
};

/** The texts that choosing each of the completions would make. */
const completed = (text: string) => {
  const { from, found } = complete(text, known);
  return found.map(({ value }) => text.slice(0, from) + value);
};

test.each([
  ["su", ["subscribed"]],
  ["registered and su", ["registered and subscribed"]],
  ["not (re", ["not (registered"]],
  ["SU", ["subscribed"]],
  ["subscribed", []],
  ["registered su", []],
])("a word is completed where a condition can begin: %s", (text, wanted) => {
  expect(completed(text)).toEqual(wanted);
});

test("where nothing is typed yet, every condition is offered", () => {
  expect(completed("").length).toBeGreaterThan(10);
  expect(completed("registered or ")).toContain("registered or everyone");
});

test.each([
  ["tag:", ["tag:vip", "tag:early-bird"]],
  ["tag:EARLY", ["tag:early-bird"]],
  ["subscribed and tag:v", ["subscribed and tag:vip"]],
  ['segment:"Loyal', ['segment:"Loyal buyers"']],
  ["tag:unheard-of", []],
  ["field:", ["field:company", "field:seats"]],
  ["tagged and field:chair", ["tagged and field:seats"]],
])("behind a colon come the values that fit by id or name: %s", (text, wanted) => {
  expect(completed(text)).toEqual(wanted);
});

test("the events that were found are offered, whatever the server found them by", () => {
  for (const field of ["attended", "has_ticket", "NO_SHOW"]) {
    expect(completed(`${field}:"2024-03`)).toEqual([`${field}:ball`, `${field}:"gala (2024)"`]);
  }
  expect(complete("attended:", known).found[0]?.hint).toBe("The spring ball · 1 Mar 2024");
});

test.each([
  ["attended:", ""],
  ["subscribed and no_show:ba", "ba"],
  ['has_ticket:"spring ba', "spring ba"],
  ["tag:ba", null],
  ["field:ba", null],
  ['segment:"ba', null],
  ["attended:ball and", null],
  ["", null],
])("an event is looked for where one is named: %s", (text, wanted) => {
  expect(eventAsked(text)).toBe(wanted);
});

test("a quote in a value is escaped", () => {
  const segments = [{ name: 'The "best" \\ all', text: "tag:vip" }];
  const { found } = complete("segment:", { ...known, segments });
  expect(found.map(({ value }) => value)).toEqual(['"The \\"best\\" \\\\ all"']);
});

test("eight values are offered at most", () => {
  const tags = new Map(Array.from({ length: 20 }, (_, at) => [`t${at}`, `T ${at}`]));
  expect(complete("tag:", { ...known, tags }).found).toHaveLength(8);
});
