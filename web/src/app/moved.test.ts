import { expect, test } from "vitest";
import { movedTo } from "./moved";

test.each([
  ["/customers", "/people"],
  ["/customers/c1", "/people/c1"],
  ["/customers/a%2Fb", "/people/a%2Fb"],
  ["/jobs", "/activity"],
  ["/quarantine", "/problems"],
])("%s is at %s today", (before, today) => {
  expect(movedTo(before)).toBe(today);
});

test.each(["/", "/people", "/nowhere", "/people/customers", "/constructor"])(
  "%s is no old address",
  (path) => {
    expect(movedTo(path)).toBeNull();
  },
);
