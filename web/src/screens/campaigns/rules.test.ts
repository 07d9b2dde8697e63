import { expect, test } from "vitest";
import type { Campaign, CampaignState } from "../../api/campaigns";
import {
  addressesOf,
  clockTrick,
  LISTS,
  listOf,
  mustType,
  rowsOf,
  secondsUntil,
  settled,
  typedRight,
} from "./rules";

test("every state is in one list beside all", () => {
  const { all, ...lists } = LISTS;
  expect(Object.values(lists).flat().sort()).toEqual([...all].sort());
});

const campaign = (campaignId: string, state: CampaignState, day: number, rule?: string) =>
  ({ campaignId, state, rule, createdAt: `2026-11-${day}T08:00:00Z` }) as Campaign;

test("a list has each campaign once, as it is followed, the newest first", () => {
  const followed = [campaign("a", "sending", 10), campaign("b", "draft", 12)];
  const answered = [campaign("c", "done", 11), campaign("a", "scheduled", 10)];
  const ids = (list: "all" | "sending" | "scheduled") =>
    rowsOf(list, followed, answered, false).map((one) => one.campaignId);
  expect(ids("all")).toEqual(["b", "c", "a"]);
  expect(ids("sending")).toEqual(["a"]);
  expect(ids("scheduled")).toEqual([]);
});

test("what rules send is left out until it is asked for", () => {
  const rows = [campaign("a", "done", 10, "rule"), campaign("b", "done", 11)];
  expect(rowsOf("sent", [], rows, false)).toHaveLength(1);
  expect(rowsOf("sent", [], rows, true)).toHaveLength(2);
});

test("an address that names no list shows all", () => {
  expect([listOf("sent"), listOf("x"), listOf(null)]).toEqual(["sent", "all", "all"]);
});

test.each([
  [1_000, false],
  [1_001, true],
])("%i people have to be typed: %s", (reachable, typed) => {
  expect(mustType(reachable)).toBe(typed);
});

test.each([
  ["1200", true],
  ["1,200", true],
  ["1.200", true],
  [" 1 200 ", true],
  ["1’200", true],
  ["1201", false],
  ["12,00", false],
  ["1200 people", false],
  ["", false],
])("%j is 1,200: %s", (typed, right) => {
  expect(typedRight(typed, 1200)).toBe(right);
});

test.each([
  [10_000, 0, 0, 10],
  [10_001, 0, 0, 11],
  [10_000, 12_000, 0, 0],
  [10_000, 15_000, 6_000, 1],
])("until %i at %i by a clock %i ahead", (moment, now, ahead, left) => {
  expect(secondsUntil(moment, now, ahead)).toBe(left);
});

test.each([
  [null, "2026-03-29T01:00:00Z", null],
  ["2026-03-29T02:30", "2026-03-29T01:00:00Z", "skipped"],
  ["2026-10-25T02:30", "2026-10-25T00:30:00Z", "twice"],
  ["2026-10-25T03:30", "2026-10-25T02:30:00Z", null],
  ["2026-06-01T08:00", "2026-06-01T06:00:00Z", null],
])("the clock of Berlin and %s", (chosen, at, trick) => {
  expect(clockTrick(chosen, new Date(at), "Europe/Berlin")).toBe(trick);
});

test("how far a campaign is", () => {
  const counts = { waiting: 5, accepted: 10, refused: 1, excluded: 3, uncertain: 1 };
  const others = { bounced: 0, complained: 0, unsubscribed: 0 };
  expect(settled({ audience: 20, ...counts, ...others })).toBe(75);
  expect(settled({ audience: 0, ...counts, ...others })).toBe(0);
});

test("addresses that are typed, each once", () => {
  expect(addressesOf(" a@b.c, d@e.f;a@b.c\nx@y.z ")).toEqual(["a@b.c", "d@e.f", "x@y.z"]);
  expect(addressesOf("  ")).toEqual([]);
});
