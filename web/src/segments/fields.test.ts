import { expect, test } from "vitest";
import type { OwnField } from "../api/ownFields";
import { freshOf, type Sign, signOf, signsOf, withSign } from "./fields";

const field = (type: OwnField["type"], choices: string[] = []): OwnField => ({
  name: "own",
  label: "Own",
  purpose: "tests",
  writable: true,
  type,
  choices,
});

test.each<[OwnField, unknown]>([
  [field("text"), ""],
  [field("bool"), true],
  [field("number"), 1],
  [field("date"), ""],
  [field("choice", ["S", "M"]), "S"],
])("what a new condition asks of %j", (own, eq) => {
  expect(freshOf(own)).toEqual({ field: "own", eq });
});

test("a type has the comparisons that the language has for it", () => {
  expect(signsOf("text")).not.toContain("gt");
  expect(signsOf("bool")).toEqual(["eq", "known", "unknown"]);
  expect(signsOf("number")).toContain("lte");
});

test.each<[Record<string, unknown>, boolean, Sign | null]>([
  [{ field: "own", eq: "a" }, false, "eq"],
  [{ eq: "a", field: "own" }, true, "!eq"],
  [{ field: "own", gte: 3, lt: 5 }, false, "gte"],
  [{ field: "own", gte: 3 }, true, null],
  [{ field: "own", known: true }, false, "known"],
  [{ field: "own", known: false }, false, "unknown"],
  [{ field: "own", known: true }, true, "unknown"],
])("the sign of %j turned around %s is %s", (leaf, not, sign) => {
  expect(signOf(leaf, not)).toBe(sign);
});

test.each<[Record<string, unknown>, Sign, boolean, Record<string, unknown>]>([
  [{ field: "own", eq: "a" }, "!eq", true, { field: "own", eq: "a" }],
  [{ field: "own", gte: 3, lt: 5 }, "gt", false, { field: "own", gt: 3, lt: 5 }],
  [{ field: "own", eq: 3 }, "unknown", false, { field: "own", known: false }],
  [{ field: "own", known: true }, "lte", false, { field: "own", lte: "fresh" }],
])("another sign of %j: %s", (leaf, sign, not, wanted) => {
  expect(withSign(leaf, sign, "fresh")).toEqual({ not, leaf: wanted });
});
