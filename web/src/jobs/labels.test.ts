import { beforeAll, expect, test, vi } from "vitest";
import type { Job } from "../api/types";
import { amountOf, kindOf, resultsOf, stateOf } from "./labels";

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

test("a total is told while it matters", () => {
  expect(amountOf(job({ done: 2, total: 5 }))).toBe("2 of 5");
  expect(amountOf(job({ done: 2 }))).toBe("2");
  expect(amountOf(job({ done: 2_000, total: 5_000 }))).toBe("2,000 of 5,000");
  // An estimate: others changed things meanwhile.
  expect(amountOf(job({ state: "done", done: 7, total: 5 }))).toBe("7");
});

test("of the results those are told that there are", () => {
  expect(resultsOf(job({ result: { more: 1, full: 0, unchanged: 3, updated: 0 } }))).toEqual([
    { words: "customers changed", count: 0 },
    { words: "were so already", count: 3 },
    { words: "more", count: 1 },
  ]);
});
