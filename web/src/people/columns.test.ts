import { expect, test } from "vitest";
import { COLUMNS, type Column, columnsOf, columnsText, toggled, USUAL } from "./columns";

test.each<[string | null, Column[] | null]>([
  [null, null],
  ["", null],
  ["none", []],
  ["spend,tags", ["spend", "tags"]],
  ["tags,tags", ["tags"]],
  ["tags,of a later version", ["tags"]],
  ["of a later version", null],
  ["field:seats", ["field:seats"]],
])("the columns %j are %j", (text, columns) => {
  expect(columnsOf(text)).toEqual(columns);
});

test.each([[USUAL], [[]], [["field:seats", "since"] as Column[]]])(
  "%j is read as written",
  (columns) => {
    expect(columnsOf(columnsText(columns))).toEqual(columns);
  },
);

test("a column comes to its place and goes again", () => {
  const all: Column[] = [...COLUMNS, "field:seats"];
  const more = toggled(["tags", "newsletter"], "spend", all);
  expect(more).toEqual(["tags", "spend", "newsletter"]);
  expect(toggled(more, "tags", all)).toEqual(["spend", "newsletter"]);
  expect(toggled([], "field:seats", all)).toEqual(["field:seats"]);
});
