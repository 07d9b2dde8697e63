// biome-ignore-all lint/suspicious/noThenProperty: what a rule does is called so (docs/rules.md)

import { expect, test } from "vitest";
import type { Rule } from "../../api/rules";
import {
  asksAsBefore,
  type Draft,
  draftOf,
  EMPTY,
  fieldOf,
  openFields,
  requestOf,
  savedAs,
  savedId,
  savedText,
} from "./draft";

const rule = (fields: Partial<Rule>): Rule => ({
  ruleId: "r1",
  revision: 3,
  name: "Big spenders",
  on: true,
  when: { subscribed: true },
  only: null,
  once: "ever",
  then: { addTags: ["VIP"], removeTags: [] },
  most: 1000,
  since: null,
  paused: null,
  waiting: 0,
  createdAt: "2026-01-01T10:00:00Z",
  updatedAt: "2026-01-01T10:00:00Z",
  acted: 0,
  ...fields,
});

test.each<[string, Partial<Rule>, ReturnType<typeof requestOf>]>([
  [
    "who enters a segment is given a tag",
    {
      when: { enters: { all: [{ orderCount: { gte: 2 } }, { not: { tag: "vip" } }] } },
      only: { marketing: "subscribed" },
      then: { addTags: ["VIP"], removeTags: ["new"] },
    },
    {
      name: "Big spenders",
      on: true,
      when: { enters: "order_count >= 2 and not tag:vip" },
      only: "marketing:subscribed",
      once: "ever",
      then: { addTags: ["VIP"], removeTags: ["new"] },
      most: 1000,
    },
  ],
  [
    "after an event",
    {
      when: { eventEnded: { days: 0, at: "09:30" } },
      only: { noShow: "this_event" },
      once: "event",
      then: { send: "c1" },
      most: 5,
    },
    {
      name: "Big spenders",
      on: true,
      when: { eventEnded: { days: 0, at: "09:30" } },
      only: "no_show:this_event",
      once: "event",
      then: { send: "c1" },
      most: 5,
    },
  ],
  [
    "who has not ordered for long, every year",
    { when: { sinceLastOrder: { days: 180 } }, once: { days: 365 } },
    {
      name: "Big spenders",
      on: true,
      when: { sinceLastOrder: { days: 180 } },
      only: null,
      once: { days: 365 },
      then: { addTags: ["VIP"], removeTags: [] },
      most: 1000,
    },
  ],
  [
    "who subscribes, of a saved segment",
    { only: { segment: "s_1-a" } },
    {
      name: "Big spenders",
      on: true,
      when: { subscribed: true },
      only: "segment:s_1-a",
      once: "ever",
      then: { addTags: ["VIP"], removeTags: [] },
      most: 1000,
    },
  ],
])("a rule that is read and saved again says the same: %s", (_name, fields, wanted) => {
  expect(requestOf(draftOf(rule(fields)), true)).toEqual(wanted);
});

test("a rule is saved as it is, switched", () => {
  const said = rule({ when: { enters: { tag: "a" } }, once: { days: 7 } });
  expect(savedAs(said, false)).toEqual({
    name: "Big spenders",
    on: false,
    when: { enters: { tag: "a" } },
    only: null,
    once: { days: 7 },
    then: { addTags: ["VIP"], removeTags: [] },
    most: 1000,
  });
});

const full: Draft = { ...EMPTY, name: "Rule", enters: "tag:a", addTags: ["b"] };

test.each<[string, Partial<Draft>, string[]]>([
  ["all is there", {}, []],
  ["nothing is", { name: " ", enters: "", addTags: [] }, ["name", "enters", "tags"]],
  ["what is not asked for need not be there", { kind: "subscribed", enters: "" }, []],
  ["a tag that goes is enough", { addTags: [], removeTags: ["b"] }, []],
  ["a mail needs a draft", { does: "send", addTags: [] }, ["send"]],
  ["an event's day and time", { kind: "eventEnded", eventDays: "", at: "" }, ["eventDays", "at"]],
  ["the day itself is a day", { kind: "eventEnded", eventDays: "0" }, []],
  ["a year at most after an event", { kind: "eventEnded", eventDays: "366" }, ["eventDays"]],
  ["a day at least since an order", { kind: "sinceLastOrder", orderDays: "0" }, ["orderDays"]],
  ["whole days", { kind: "sinceLastOrder", orderDays: "1.5" }, ["orderDays"]],
  ["how often", { once: "days", onceDays: "3651" }, ["onceDays"]],
  ["at most some", { most: "0" }, ["most"]],
  ["at most a hundred thousand", { most: "100001" }, ["most"]],
])("what is still to be filled in: %s", (_name, fields, wanted) => {
  expect(openFields({ ...full, ...fields })).toEqual(wanted);
});

test("once for each event is of rules about events alone", () => {
  expect(requestOf({ ...full, once: "event" }, true).once).toBe("ever");
  expect(requestOf({ ...full, kind: "eventEnded", once: "event" }, true).once).toBe("event");
});

test("a rule begins anew where it waits for something else or does something else", () => {
  expect(asksAsBefore({ ...full, name: "Other", most: "7", only: "tag:x" }, full)).toBe(true);
  expect(asksAsBefore({ ...full, enters: "tag:c" }, full)).toBe(false);
  expect(asksAsBefore({ ...full, addTags: ["c"] }, full)).toBe(false);
  // What is typed and not asked for is nothing.
  expect(asksAsBefore({ ...full, eventDays: "9" }, full)).toBe(true);
});

test("a saved segment is known by its text", () => {
  expect(savedId(savedText("aB_3-x"))).toBe("aB_3-x");
  expect(savedId("segment:a and tag:b")).toBeNull();
  expect(savedId("")).toBeNull();
});

test.each<[string, Partial<Draft>, string | null]>([
  ["rules-loop", {}, "tags"],
  ["rules-loop", { does: "send" }, "send"],
  ["template-not-draft", {}, "send"],
  ["this-event", { enters: "attended:this_event" }, "enters"],
  ["this-event", { only: "attended:this_event" }, "only"],
  ["name-invalid", {}, "name"],
  ["too-many-rules", {}, null],
])("a refusal stands at its field: %s", (reason, fields, field) => {
  expect(fieldOf(reason, { ...full, ...fields })).toBe(field);
});
