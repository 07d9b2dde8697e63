import { beforeAll, expect, test, vi } from "vitest";
import type { Job } from "../api/types";
import { amountOf, kindOf, resultsOf, spanInWords, stateOf } from "./labels";

beforeAll(() => {
  vi.stubGlobal("navigator", { languages: ["en-GB"] });
});

const job = (fields: Partial<Job>): Job => ({
  jobId: "j",
  kind: "tag_segment",
  state: "running",
  done: 0,
  total: null,
  error: null,
  startedAt: "2024-03-01T12:00:00Z",
  updatedAt: "2024-03-01T12:00:00Z",
  result: {},
  ...fields,
});

test("the kind and the state of a job are told in words", () => {
  expect(stateOf(job({ state: "queued" }))).toBe("waiting");
  expect(stateOf(job({ state: "failed", error: "cancelled" }))).toBe("cancelled");
  expect(stateOf(job({ state: "failed", error: "new-code" }))).toBe("failed (new-code)");
  expect(kindOf(job({}))).toBe("Tag a segment");
  expect(kindOf(job({ kind: "of a later version" }))).toBe("of a later version");
});

test.each<[Partial<Job>, string]>([
  [{ arguments: { dryRun: true } }, "Check all customers"],
  [{ arguments: { dryRun: false } }, "Recalculate all customers"],
  [{ state: "done", result: { checked: 7, drifted: 0 } }, "Check all customers"],
  [{ state: "done", result: { drifted: 0 } }, "Recalculate all customers"],
])("a look at everything that is %j is: %s", (fields, words) => {
  expect(kindOf(job({ kind: "rebuild", ...fields }))).toBe(words);
});

test.each<[Partial<Job>, number | null, string]>([
  [{ done: 2, total: 5 }, 10, "40 %, about 10 s left"],
  [{ done: 2, total: 5 }, null, "40 %"],
  [{ done: 7, total: 5 }, null, "99 %"], // a total is an estimate: others change things meanwhile
  [{ done: 2 }, null, "2"],
  [{ state: "failed", done: 2_000, total: 5_000 }, null, "2,000 of 5,000"],
  [{ state: "done", done: 7, total: 5 }, null, "7"],
])("of a job that is %j, with %s seconds left, is told: %s", (fields, left, words) => {
  expect(amountOf(job(fields), left)).toBe(words);
});

test.each([
  [0.3, "5 s"],
  [9.1, "10 s"],
  [88, "90 s"],
  [95, "2 min"],
  [3_000, "50 min"],
  [7_200, "2 h"],
])("%d seconds are said as %s", (seconds, words) => {
  expect(spanInWords(seconds)).toBe(words);
});

test("of the results those are told that there are", () => {
  const told = (fields: Partial<Job>) => resultsOf(job(fields));
  expect(told({ result: { more: 1, full: 0, unchanged: 3, updated: 0 } })).toEqual([
    "0 people changed",
    "3 people were so already",
    "more: 1",
  ]);
  expect(told({ result: { notUnderstood: 2, changed: 1 } })).toEqual([
    "1 document brought up to date",
    "2 orders and users could not be read: see Import problems",
  ]);
  expect(told({ kind: "rebuild", result: { checked: 5, changed: 1 } })).toEqual([
    "5 documents checked",
    "1 document is not up to date",
  ]);
});

test.each([
  [{ added: 2, withdrew: 1 }, ["2 people added", "unsubscribed at some time: 1"]],
  [
    { restored: 3, removed: 1 },
    ["3 people as before the import", "1 person whom only the list knew is gone"],
  ],
  [{ found: 53 }, ["53 people of the segment found"]],
  [{ orders: 1, mails: 1 }, ["1 order made anonymous", "1 record of a mail made anonymous"]],
  [{ done: 4, paused: 1 }, ["The rule acted on 4 people", "1 person waits: the rule is paused"]],
])("what lists, campaigns and rules count is told in words: %j", (result, words) => {
  expect(resultsOf(job({ result }))).toEqual(words);
});
