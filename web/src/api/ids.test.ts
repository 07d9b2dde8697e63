import { expect, test } from "vitest";
import { isDocumentId } from "./ids";

test.each(["a", "0f3c", "a b", "%E0%A4%A", "__", "a".repeat(1500)])("%s can be an id", (text) => {
  expect(isDocumentId(text)).toBe(true);
});

test.each(["", ".", "..", "a/b", "/", "__name__", "ü".repeat(751)])("%s is no id", (text) => {
  expect(isDocumentId(text)).toBe(false);
});
