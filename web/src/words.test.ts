import { expect, test } from "vitest";
import { LANGUAGES, preferred } from "./words";
import { FIRST } from "./words/first";

type Words = { [key: string]: string | Words };

const FILES = import.meta.glob<Words>("./words/*.json", { eager: true, import: "default" });
const SOURCES = import.meta.glob<string>(["./**/*.{ts,tsx}", "!./**/*.test.ts", "!./**/*.d.ts"], {
  query: "?raw",
  import: "default",
  eager: true,
});

/** Every sentence of a file by its key, as `people.title`. */
function flat(words: Words, before = ""): Map<string, string> {
  const all = Object.entries(words).map(([name, value]) =>
    typeof value === "string"
      ? new Map([[`${before}${name}`, value]])
      : flat(value, `${before}${name}.`),
  );
  return new Map(all.flatMap((one) => [...one]));
}

const en = flat(FILES["./words/en.json"] ?? {});
const others = Object.entries(FILES).filter(([path]) => path !== "./words/en.json");

/** What is filled in, and the tags around what is a link. */
const holes = (text: string) => (text.match(/\{\{[^}]*\}\}|<\/?\w+\/?>/g) ?? []).sort();

/** The holes of a sentence; one of a single thing may leave out the number. */
const holesOf = (key: string, text: string) =>
  holes(text).filter((hole) => !key.endsWith("_one") || !hole.startsWith("{{count"));

/** A key without what a number adds to it. */
const plain = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, "");

test.each(others)("%s says what English says, with the same holes", (_path, words) => {
  const own = flat(words);
  const keys = (all: Map<string, string>) => [...new Set([...all.keys()].map(plain))].sort();
  expect(keys(own)).toEqual(keys(en));
  const wrong = [...own].filter(
    ([key, text]) =>
      en.has(key) && String(holesOf(key, text)) !== String(holesOf(key, en.get(key) ?? "")),
  );
  expect(wrong).toEqual([]);
});

test.each(Object.entries(FILES))(
  "%s has a form for many wherever it has one for one",
  (_path, words) => {
    const own = flat(words);
    const single = [...own.keys()].filter((key) => key.endsWith("_one"));
    expect(single.filter((key) => !own.has(`${plain(key)}_other`))).toEqual([]);
    expect([...own].filter(([, text]) => !text.trim())).toEqual([]);
  },
);

test("every sentence is said somewhere", () => {
  const code = Object.values(SOURCES).join("\n");
  // `t(`shell.roles.${role}`)` says everything that begins so.
  const begun = [...code.matchAll(/`([a-z]\w*(?:\.[\w-]+)*\.\w*)\$\{/gi)].map(
    ([, start]) => start ?? "",
  );
  const said = (key: string) =>
    code.includes(`"${key}"`) || begun.some((start) => key.startsWith(start));
  expect([...en.keys()].map(plain).filter((key) => !said(key))).toEqual([]);
});

/** What is written as it is in every language. */
const NAMES =
  /^(CRM-Lite|Liquid|Markdown|MJML|CSV|Esc|https:\/\/|acme\.com|tag:vip and .*|.*@example\.com>?|[A-Za-z])$/;

const SAYING = "label|title|placeholder|aria-label|description|alt|nothingFoundMessage|action";

/** What a file says to the reader in its code, rather than in the words. */
function saidInCode(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
  const attributes = code.matchAll(
    new RegExp(`\\s(?:${SAYING})=(?:"([^"]*)"|\\{"([^"]*)"\\}|\\{\`([^\`]*)\`\\})`, "g"),
  );
  // Between two tags, or between braces and the end of a tag, without any of their own: text that JSX shows.
  const plain = "[^<>{}=;()]*[A-Za-z][^<>{}=;()]*";
  const children = code.matchAll(new RegExp(`(?:["}\\w]\\s*>|<>)(${plain})(?=[<{])`, "g"));
  const ends = code.matchAll(new RegExp(`\\}(${plain})(?=</)`, "g"));
  const fields = code.matchAll(/\b(?:label|title|message|placeholder): "([^"]*)"/g);
  const found = [...attributes, ...children, ...ends, ...fields].map(
    ([, ...texts]) => texts.find((one) => one !== undefined) ?? "",
  );
  return found
    .map((one) =>
      one
        .replace(/\$\{[^}]*\}/g, "")
        .replace(/\s+/g, " ")
        .trim(),
    )
    .filter((one) => /\p{L}/u.test(one) && !NAMES.test(one) && !/[|]|&&|: [A-Z]\w*$/.test(one));
}

test("all that staff read is in the words", () => {
  const found = Object.entries(SOURCES)
    .map(([path, text]) => [path.slice(2), text] as const)
    .filter(([path]) => path.endsWith(".tsx"))
    .flatMap(([path, text]) => saidInCode(text).map((said) => `${path}: ${said}`));
  expect(found).toEqual([]);
});

test.each([
  ["<Text>Hello there</Text>", "Hello there"],
  ["<Text c='dimmed' fw={600}>\n  Hello {name}\n</Text>", "Hello"],
  ['<TextInput label="Name" />', "Name"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
  ["<Card title={`Orders of ${name}`}>", "Orders of"],
  ["<Text>{number(5)} people</Text>", "people"],
  ['notifications.show({ title: "Done" })', "Done"],
  ['<Bars aria-label={"Revenue"} />', "Revenue"],
])("a sentence in the code is seen: %s", (code, said) => {
  expect(saidInCode(code)).toEqual([said]);
});

test.each([
  '<Text>{t("people.title")}</Text>',
  '<TextInput label={t("people.name")} type="email" />',
  "<Text>CRM-Lite</Text>",
  "const isMore = <T,>(a: T[], b: T[]) => a.length > b.length && b.length < 3;",
  "const row: Record<string, Array<number>> = {};",
  "// <Text>Hello</Text>\n<Stack>\n  {rows}\n</Stack>",
])("what says nothing by itself is free: %s", (code) => {
  expect(saidInCode(code)).toEqual([]);
});

/** The files that are fetched with these, by what they import and not by what they fetch later. */
function fetchedWith(paths: string[]): string[] {
  const seen = new Set<string>();
  const look = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const [, target = ""] of (SOURCES[path] ?? "").matchAll(/\bfrom\s+"(\.[^"]+)"/g)) {
      const file = `.${new URL(target, `file:///${path}`).pathname}`;
      const found = [`${file}.ts`, `${file}.tsx`].find((one) => one in SOURCES);
      if (found) look(found);
    }
  };
  for (const path of paths) look(path);
  return [...seen];
}

test("the sign-in and the first screen have their words when they are shown", () => {
  const later = ["Search", "KeysDialog", "SecondFactor", "Menus", "PhoneMenu"];
  const shown = [
    "main.tsx",
    "app/Routing.tsx",
    "screens/home/Home.tsx",
    ...later.map((one) => `app/${one}.tsx`),
  ];
  const missing = fetchedWith(shown.map((one) => `./${one}`)).flatMap((path) =>
    [...(SOURCES[path] ?? "").matchAll(/(?:\bt\(|i18nKey=)\s*\{?["`](\w+)\./g)]
      .filter(([, section = ""]) => !FIRST.includes(section))
      .map(([said]) => `${path}: ${said}`),
  );
  expect(missing).toEqual([]);
});

test("the language is the one that was chosen, else the browser's first that there is", () => {
  expect(LANGUAGES).toEqual(["de", "en"]);
  expect(preferred(null, ["fr-FR", "de-AT", "en"])).toBe("de");
  expect(preferred("en", ["de-DE"])).toBe("en");
  expect(preferred("gone", ["fr"])).toBe("en");
});
