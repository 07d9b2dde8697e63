import { expect, test } from "vitest";
import { convertedOf, meaningsOf, wordsIn, wrongMeanings } from "./columns";
import { csvOf, type Table } from "./csv";

const table = (header: string[], ...rows: string[][]): Table => ({ header, rows, delimiter: ";" });

const FIELDS = [{ name: "company", label: "Firma" }];

test.each<[string[], (string | null)[]]>([
  [
    ["email", "name", "tags", "status", "consentedAt"],
    ["email", "name", "tags", "status", "consentedAt"],
  ],
  [
    ["E-Mail-Adresse", "Vorname", "Nachname", "Firma", "Telefon"],
    ["email", "name", "name", "field:company", null],
  ],
  [
    ["Email Address", "First Name", "Last Name", "OPTIN_TIME", "company"],
    ["email", "name", "name", "consentedAt", "field:company"],
  ],
  [
    ["Mail", "E-Mail", "Name"],
    ["email", null, "name"],
  ],
])("what columns called %s may mean", (header, wanted) => {
  expect(meaningsOf(header, FIELDS)).toEqual(wanted);
});

test("an address must be there, and nothing but a name twice", () => {
  expect(wrongMeanings(["email", "name", "name", null])).toEqual({ missing: false, twice: [] });
  expect(wrongMeanings(["tags", "tags", "name"])).toEqual({ missing: true, twice: ["tags"] });
});

test("the words of a status are counted", () => {
  const found = table(["e", "s"], ["a", "ja"], ["b", "nein "], ["c", "ja"], ["d"], ["e", ""]);
  expect(wordsIn(found, 1)).toEqual([
    { word: "ja", count: 2 },
    { word: "nein", count: 1 },
  ]);
});

test("a list is written as the server takes it, row by row", () => {
  const found = table(
    ["E-Mail", "Vorname", "Nachname", "Telefon", "Tags", "News", "Am"],
    ["a@b.de", "Ada", "Lovelace", "1", "VIP, Presse|Gast", "ja", "1.6.2025"],
    [],
    ["b@b.de", "", "Meier", "2", "VIP;Gast", "Nein", "2025-06-01"],
    ["", "", "", "3", "", "", ""],
    ["c@b.de", "", "", "", "", "vielleicht", "6/1/2025", "more"],
  );
  const meanings = ["email", "name", "name", null, "tags", "status", "consentedAt"];
  const converted = convertedOf(found, meanings, { ja: "subscribed", Nein: "unsubscribed" });
  expect(converted).toEqual({
    rows: [
      ["email", "name", "tags", "status", "consentedAt"],
      ["a@b.de", "Ada Lovelace", "VIP;Presse;Gast", "subscribed", "2025-06-01"],
      [],
      ["b@b.de", "Meier", "VIP;Gast", "unsubscribed", "2025-06-01"],
      [],
      ["c@b.de", "", "", "vielleicht", "6/1/2025", "more"],
    ],
    dates: 1,
    tags: 1,
    silent: 1,
  });
  expect(csvOf(converted.rows).split("\r\n")[4]).toBe("");
});

test("an own field is by its name, and a word that is none of ours stays", () => {
  const found = table(["Mail", "Firma", "S"], ["a@b.de", " ACME ", "constructor"]);
  const { rows } = convertedOf(found, ["email", "field:company", "status"], {});
  expect(rows).toEqual([
    ["email", "company", "status"],
    ["a@b.de", "ACME", "constructor"],
  ]);
});
