import { expect, test } from "vitest";
import { complete } from "./completion";

const known = {
  tags: new Map([
    ["vip", "VIP"],
    ["early-bird", "Early bird"],
  ]),
  events: [
    { eventId: "ball", name: "The spring ball" },
    { eventId: "gala (2024)", name: "Gala" },
  ],
  segments: [{ name: "Loyal buyers", text: "order_count >= 5" }],
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
  ["attended:spring", ["attended:ball"]],
  ["has_ticket:gala", ['has_ticket:"gala (2024)"']],
  ['segment:"Loyal', ['segment:"Loyal buyers"']],
  ["tag:unheard-of", []],
])("behind a colon come the values that fit by id or name: %s", (text, wanted) => {
  expect(completed(text)).toEqual(wanted);
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
