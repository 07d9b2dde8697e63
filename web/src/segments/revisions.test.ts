import { expect, test } from "vitest";
import type { Segment } from "../api/types";
import { changedMeanwhile, revisionOf } from "./revisions";

const saved = (revision?: number) => ({ revision }) as Segment;

test.each<[number, number | undefined, boolean]>([
  [3, 3, false],
  [3, 4, true],
  [4, 3, false],
  [1, undefined, false],
  [1, 2, true],
])("edited from revision %s, saved as %s: changed meanwhile is %s", (base, revision, changed) => {
  expect(changedMeanwhile(base, saved(revision))).toBe(changed);
});

test("what was last saved before there were revisions has the first", () => {
  expect(revisionOf(saved())).toBe(1);
  expect(revisionOf(saved(7))).toBe(7);
});

test("what is not saved yet is changed by nobody", () => {
  expect(changedMeanwhile(null, null)).toBe(false);
});
