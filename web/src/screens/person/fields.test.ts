import { expect, test } from "vitest";
import type { OwnField } from "../../api/ownFields";
import { changesOf, fieldValue } from "./fields";

const field = (type: OwnField["type"], more: Partial<OwnField> = {}): OwnField => ({
  name: type,
  type,
  label: type,
  purpose: "a test",
  choices: [],
  writable: true,
  ...more,
});

test.each<[OwnField["type"], string, unknown]>([
  ["text", " Acme ", "Acme"],
  ["text", "  ", null],
  ["number", "12", 12],
  ["number", "-3,5", -3.5],
  ["number", "1.234567", 1.234567],
  ["number", "1,234.5", undefined],
  ["number", "1e3", undefined],
  ["number", "", null],
  ["bool", "true", true],
  ["bool", "false", false],
  ["bool", "", null],
  ["date", "2026-11-29", "2026-11-29"],
  ["date", "29.11.2026", undefined],
  ["choice", "M", "M"],
])("of a %s, %j is %j", (type, typed, value) => {
  expect(fieldValue(field(type), typed)).toBe(value);
});

test("only what changes is written, and nothing that comes from the host", () => {
  const fields = [
    field("text"),
    field("number"),
    field("date"),
    field("bool"),
    field("choice", { writable: false }),
  ];
  const stored = { text: "Acme", number: 3, bool: true, choice: "M" };
  const typed = { text: "Acme", number: "four", date: "2026-11-29", bool: "", choice: "L" };
  expect(changesOf(fields, stored, typed)).toEqual({
    values: { date: "2026-11-29", bool: null },
    wrong: ["number"],
  });
});
