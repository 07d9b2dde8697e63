import i18next from "i18next";
import { initReactI18next } from "react-i18next";

type Words = { default: object };

/** The languages of the console: a further one is a file beside these. Each is fetched in two parts, of which
 * `words/first.ts` says what is in which. */
const FIRST = import.meta.glob<Words>("./words/*.json", { query: "?first" });
const REST = import.meta.glob<Words>("./words/*.json", { query: "?rest" });

export const LANGUAGES: string[] = Object.keys(FIRST)
  .map((path) => path.slice("./words/".length, -".json".length))
  .sort();

const USUAL = "en";
const KEPT = "crm-language";

/** The language that somebody chose in this browser, else the first of the browser's that there is. */
export function preferred(kept: string | null, wanted: readonly string[]): string {
  const known = [kept ?? "", ...wanted.map((one) => one.split("-")[0] ?? "")];
  return known.find((one) => LANGUAGES.includes(one)) ?? USUAL;
}

const fetched = async (files: typeof FIRST, language: string): Promise<object> =>
  (await files[`./words/${language}.json`]?.())?.default ?? {};

/** Fetch the reader's language, as much of it as the first screen has; nothing is shown before. */
export async function loadWords(): Promise<void> {
  const language = preferred(localStorage.getItem(KEPT), navigator.languages);
  const words = await fetched(FIRST, language);
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: words } },
    interpolation: { escapeValue: false }, // React escapes
  });
  document.documentElement.lang = language;
}

/** Fetch what the other screens say; none is shown before. */
export async function loadMoreWords(): Promise<void> {
  const words = await fetched(REST, language());
  i18next.addResourceBundle(language(), "translation", words, true);
}

/** Show the console in another language, from its beginning. */
export function speak(language: string): void {
  localStorage.setItem(KEPT, language);
  location.reload();
}

export const language = (): string => i18next.language ?? USUAL;

/** A language in its own words. */
export const nameOfLanguage = (code: string): string =>
  new Intl.DisplayNames(code, { type: "language" }).of(code) ?? code;

/** The reader's way to write numbers and dates: the browser's where that is of the language shown. */
export const locale = (): string =>
  navigator.languages.find((one) => one.split("-")[0] === language()) ?? language();

/** Words by their key, such as `people.title`; `{{count, number}}` in them is a number of this language. */
export const t = i18next.t;

/** Words by a key that is put together from what a server says; null where nobody has written any. */
export const wordsFor = (key: string, values: Record<string, unknown> = {}): string | null =>
  i18next.exists(key, values) ? String(i18next.t(key as never, values as never)) : null;
