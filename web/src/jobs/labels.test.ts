import { expect, test } from "vitest";
import type { Job, Role } from "../api/types";
import { actionOf, amountOf, isOver, kindOf, resultsOf, stateOf } from "./labels";

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

const editor = (role: Role) => role !== "admin";
const viewer = (role: Role) => role === "viewer";
const admin = () => true;

test.each<[string, Job["state"], "cancel" | "retry" | null, "cancel" | "retry" | null]>([
  ["tag_segment", "queued", "cancel", "cancel"],
  ["tag_segment", "running", "cancel", "cancel"],
  ["tag_segment", "failed", "retry", "retry"],
  ["tag_segment", "done", null, null],
  ["delete_tag", "running", "cancel", "cancel"],
  ["rename_tag", "running", null, null],
  ["rename_tag", "failed", "retry", "retry"],
  ["rebuild", "running", null, "cancel"],
  ["rebuild", "failed", null, "retry"],
  ["erasure", "running", null, null],
  ["erasure", "failed", null, "retry"],
  ["of a later version", "failed", null, null],
])("a job of kind %s that is %s: an editor may %s, an admin %s", (kind, state, one, other) => {
  expect(actionOf(job({ kind, state }), editor)).toBe(one);
  expect(actionOf(job({ kind, state }), admin)).toBe(other);
  expect(actionOf(job({ kind, state }), viewer)).toBeNull();
});

test("how it stands is said in words", () => {
  expect(stateOf(job({ state: "queued" }))).toBe("waiting");
  expect(stateOf(job({ state: "failed", error: "cancelled" }))).toBe("cancelled");
  expect(stateOf(job({ state: "failed", error: "new-code" }))).toBe("failed (new-code)");
  expect(kindOf(job({}))).toBe("Tag a segment");
  expect(kindOf(job({ kind: "of a later version" }))).toBe("of a later version");
  expect([isOver(job({})), isOver(job({ state: "failed" }))]).toEqual([false, true]);
});

test("a total is told while it matters", () => {
  expect(amountOf(job({ done: 2, total: 5 }), String)).toBe("2 of 5");
  expect(amountOf(job({ done: 2 }), String)).toBe("2");
  // An estimate: others changed things meanwhile.
  expect(amountOf(job({ state: "done", done: 7, total: 5 }), String)).toBe("7");
});

test("of the results only those are told that there are", () => {
  expect(resultsOf(job({ result: { more: 1, full: 0, unchanged: 3, updated: 0 } }))).toEqual([
    { words: "customers changed", count: 0 },
    { words: "were so already", count: 3 },
    { words: "more", count: 1 },
  ]);
});
