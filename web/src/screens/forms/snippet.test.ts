import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { snippetOf } from "./snippet";

const DOCUMENT = new URL("../../../../docs/sign-up.md", import.meta.url);

const URL_OF_FORM = "https://REGION-PROJECT.cloudfunctions.net/subscribe?form=newsletter";

test("the snippet is that of the documentation", () => {
  const said = readFileSync(DOCUMENT, "utf8");
  const [, told] = /<!-- snippet -->\n```html\n([\s\S]*?)```/.exec(said) ?? [];
  const text = "Yes, send me news about events once a month. I can unsubscribe at any time.";
  expect(snippetOf({ url: URL_OF_FORM, language: "en", text })).toBe(told);
});

test("it speaks the form's language, and what it says is text", () => {
  const found = snippetOf({ url: URL_OF_FORM, language: "de", text: 'Ja & "nein" <b>' });
  expect(found).toContain("newsletter&amp;language=de");
  expect(found).toContain("Ja &amp; &quot;nein&quot; &lt;b&gt;");
  expect(found).toContain("Anmelden</button>");
  expect(snippetOf({ url: URL_OF_FORM, language: "fr", text: "" })).toContain("Sign up</button>");
});
