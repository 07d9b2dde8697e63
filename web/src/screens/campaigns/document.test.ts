import { expect, test } from "vitest";
import { framed } from "./document";

test("pictures from elsewhere are boxes", () => {
  const shown = framed(
    '<img alt="A" src="https://a.example/b.png" width="10"><p>src="x"</p>',
    false,
  );
  expect(shown).toMatch(/^<img alt="A" src="data:image\/svg[^"]*" width="10"><p>src="x"<\/p>$/);
  expect(framed('<td background="https://a.example/b.png" align="left">', false)).toBe(
    '<td align="left">',
  );
});

test("links say where they lead, and lead nowhere", () => {
  expect(framed('<a style="color:red" href="https://a.example/?b&amp;c">A</a>', false)).toBe(
    '<a style="color:red" title="https://a.example/?b&amp;c">A</a>',
  );
});

const STYLE =
  "<style>:root{color-scheme:light dark}@media (prefers-color-scheme:dark){a{}}</style>";

test("it is light or dark as is asked for, whatever the reader's page is", () => {
  expect(framed(STYLE, true)).toBe(
    "<style>:root{color-scheme:dark}@media (min-width:0px){a{}}</style>",
  );
  expect(framed(STYLE, false)).toBe(
    "<style>:root{color-scheme:light}@media (min-width:999999px){a{}}</style>",
  );
});
