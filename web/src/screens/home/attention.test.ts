import { expect, test } from "vitest";
import type { Waiting } from "../../api/home";
import { itemsOf } from "./attention";

const NOW = new Date("2024-06-15T12:00:00Z");

const NOTHING: Waiting = { problems: 0, failedJobs: 0, campaigns: [], rules: [], requests: [] };

const campaign = (name: string, state: string) =>
  ({ campaignId: `c-${name}`, name, state, scheduledAt: null }) as Waiting["campaigns"][number];

const rule = (paused: string | null) => ({ paused }) as Waiting["rules"][number];

const request = (state: string, dueAt: string | null) =>
  ({ kind: "erasure", state, dueAt }) as Waiting["requests"][number];

const said = (waiting: Partial<Waiting>) =>
  itemsOf({ ...NOTHING, ...waiting }, NOW).map((item) =>
    [item.what, "count" in item ? item.count : "name" in item ? item.name : item.at, item.to].join(
      " ",
    ),
  );

test("nothing wants nobody", () => {
  expect(said({})).toEqual([]);
});

test("what wants somebody has a place where one sees to it, the most urgent first", () => {
  const waiting = {
    problems: 3,
    failedJobs: 1,
    campaigns: [
      campaign("draft", "draft"),
      campaign("soon", "scheduled"),
      campaign("resting", "paused"),
      campaign("broken", "halted"),
      campaign("late", "missed"),
      campaign("old", "done"),
    ],
    rules: [rule(null), rule("too-many")],
    requests: [request("open", "2024-06-20T12:00:00Z")],
  };
  expect(said(waiting)).toEqual([
    "request 2024-06-20T12:00:00Z /privacy",
    "halted broken /campaigns/c-broken",
    "missed late /campaigns/c-late",
    "paused resting /campaigns/c-resting",
    "rules 1 /rules",
    "problems 3 /problems",
    "jobs 1 /activity",
    "scheduled soon /campaigns/c-soon",
  ]);
});

test.each([
  ["open", "2024-06-29T11:59:59Z", ["request 2024-06-29T11:59:59Z /privacy"]],
  ["open", "2024-06-29T12:00:00Z", []], // two weeks and more
  ["open", "2024-06-15T11:00:00Z", ["overdue 2024-06-15T11:00:00Z /privacy"]],
  ["done", "2024-06-16T12:00:00Z", []],
  ["running", "2024-06-16T12:00:00Z", []],
  ["open", null, []],
])("a request that is %s and due at %s", (state, dueAt, items) => {
  expect(said({ requests: [request(state, dueAt)] })).toEqual(items);
});

test("of requests the one that is due first comes first", () => {
  const requests = [
    request("open", "2024-06-20T12:00:00Z"),
    request("open", "2024-06-18T12:00:00Z"),
  ];
  expect(said({ requests }).map((one) => one.slice(8, 18))).toEqual(["2024-06-18", "2024-06-20"]);
});

test("jobs that were cancelled while they were counted are no fewer than none", () => {
  expect(said({ failedJobs: -1 })).toEqual([]);
});
