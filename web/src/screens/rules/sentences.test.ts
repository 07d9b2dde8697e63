// biome-ignore-all lint/suspicious/noThenProperty: what a rule does is called so (docs/rules.md)

import { beforeAll, expect, test, vi } from "vitest";
import type { Rule } from "../../api/rules";
import type { Names } from "../../segments/describe";
import { excludedSaid, onceSaid, onlySaid, pausedSaid, thenSaid, whenSaid } from "./sentences";

beforeAll(() => {
  vi.stubGlobal("navigator", { languages: ["en-GB"] });
});

const names: Names = {
  tag: (id) => (id === "vip" ? "VIP" : id),
  event: (id) => id,
  segment: (id) => (id === "s1" ? "Regulars" : id),
  field: (name) => name,
};

const draft = (id: string) => (id === "c1" ? "Thank you" : null);

const rule = (fields: Partial<Rule>) => ({ most: 1000, ...fields }) as Rule;

test.each<[Partial<Rule>, string]>([
  [{ when: { enters: { segment: "s1" } } }, "When somebody enters: Regulars"],
  [{ when: { enters: { tag: "vip" } } }, "When somebody enters: People who have the tag “VIP”"],
  [{ when: { eventEnded: { days: 0, at: "20:00" } } }, "On the day of an event, at 20:00"],
  [{ when: { eventEnded: { days: 1, at: "10:00" } } }, "1 day after an event, at 10:00"],
  [{ when: { sinceLastOrder: { days: 1800 } } }, "When somebody has not ordered for 1,800 days"],
  [{ when: { subscribed: true } }, "When somebody becomes subscribed"],
])("when a rule acts, in words: %j", (fields, said) => {
  expect(whenSaid(rule(fields), names)).toBe(said);
});

test.each<[Rule["only"], string | null]>([
  [null, null],
  [{ segment: "s1" }, "Only for: Regulars"],
  [{ attended: "this_event" }, "Only for: Who came to the event"],
  [{ noShow: "this_event" }, "Only for: Who did not come to the event"],
])("for whom only: %j", (only, said) => {
  expect(onlySaid(rule({ only }), names)).toBe(said);
});

test.each<[Rule["once"], string]>([
  ["ever", "Once, ever"],
  ["event", "Once for each event"],
  [{ days: 365 }, "Not again for 365 days"],
])("how often: %j", (once, said) => {
  expect(onceSaid(rule({ once }))).toBe(said);
});

test.each<[Rule["then"], string]>([
  [{ addTags: ["A"], removeTags: [] }, "Adds the tag A"],
  [{ addTags: ["A", "B"], removeTags: ["vip"] }, "Adds the tags A, B; Removes the tag VIP"],
  [{ send: "c1" }, "Sends “Thank you”"],
  [{ send: "c2" }, "Sends a draft that is gone"],
])("what it does: %j", (then, said) => {
  expect(thenSaid(rule({ then }), names, draft)).toBe(said);
});

test("why it paused, and why it leaves somebody out", () => {
  expect(pausedSaid(rule({ paused: "too-many", waiting: 1200 }))).toContain("1,200 people");
  expect(pausedSaid(rule({ paused: "of-a-later-version" }))).toContain("(of-a-later-version)");
  expect(excludedSaid("belongs-already")).toBe("belongs already");
  expect(excludedSaid("not-subscribed")).toBe("not subscribed");
  expect(excludedSaid("of-a-later-version")).toBe("of-a-later-version");
});
