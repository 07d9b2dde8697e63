import { expect, test } from "vitest";
import { csvOf, type Table, tableOf } from "./csv";

test.each<[string, string, Partial<Table>]>([
  ["commas", "email,name\na@b.de,Ada\n", { delimiter: ",", rows: [["a@b.de", "Ada"]] }],
  ["semicolons", "email;name\r\na@b.de;Ada\r\n", { delimiter: ";", rows: [["a@b.de", "Ada"]] }],
  ["tabs", "email\tname\ra@b.de\tAda", { delimiter: "\t", rows: [["a@b.de", "Ada"]] }],
  ["one column", "email\na@b.de", { delimiter: ",", header: ["email"], rows: [["a@b.de"]] }],
  [
    "semicolons, with commas in quotes",
    'email;"name, first"\na@b.de;"Ada, L."',
    { delimiter: ";", header: ["email", "name, first"], rows: [["a@b.de", "Ada, L."]] },
  ],
  [
    "quotes, doubled ones, and line ends within",
    'email,note\na@b.de,"She said ""no"",\r\ntwice"\nb@b.de,',
    {
      rows: [
        ["a@b.de", 'She said "no",\r\ntwice'],
        ["b@b.de", ""],
      ],
    },
  ],
  [
    "a quote within a cell",
    'email,name\na@b.de,Ada "the" L',
    { rows: [["a@b.de", 'Ada "the" L']] },
  ],
  ["Excel's line", "sep=;\r\nemail;name\r\na@b.de;Ada", { delimiter: ";" }],
  ["a mark at its begin", "\ufeffemail,name\na@b.de,Ada", { header: ["email", "name"] }],
  [
    "empty rows, which keep the numbers of the others",
    "email,name\n\na@b.de,Ada\n\n",
    { rows: [[], ["a@b.de", "Ada"], []] },
  ],
  ["empty heads at its end", "email,name,,\na@b.de,Ada,,", { header: ["email", "name"] }],
])("a list with %s", (_name, text, wanted) => {
  expect(tableOf(text)).toMatchObject(wanted);
});

test.each<[string, string, object]>([
  ["nothing", "", { refused: "file-empty" }],
  ["a header alone", "email,name\n,\n", { refused: "file-empty" }],
  ["a quote that is open", 'email\na@b.de\n"b@b.de', { refused: "csv-invalid", row: 3 }],
  ["a quote that ends early", 'email\n"a"b', { refused: "csv-invalid", row: 2 }],
  ["another delimiter", "sep=|\nemail|name\na|b", { refused: "delimiter-unknown" }],
  ["no names of columns", "a@b.de,Ada\nc@d.de,Eve", { refused: "header-missing" }],
])("%s is no list", (_name, text, wanted) => {
  expect(tableOf(text)).toEqual(wanted);
});

test("what is written is read the same", () => {
  const rows = [["email", "name"], ["a@b.de", 'Ada, "the" \n L; x'], [], ["b@b.de", " \tspaces "]];
  const found = tableOf(csvOf(rows));
  expect(found).toMatchObject({ header: rows[0], rows: rows.slice(1), delimiter: "," });
});
