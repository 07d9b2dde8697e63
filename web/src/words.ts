import i18next from "i18next";
import { initReactI18next } from "react-i18next";

/** The languages of the console: a further one is a file beside these. */
const FILES = import.meta.glob<{ default: object }>("./words/*.json");

export const LANGUAGES: string[] = Object.keys(FILES)
  .map((path) => path.slice("./words/".length, -".json".length))
  .sort();

const USUAL = "en";
const KEPT = "crm-language";

/** The language that somebody chose in this browser, else the first of the browser's that there is. */
export function preferred(kept: string | null, wanted: readonly string[]): string {
  const known = [kept ?? "", ...wanted.map((one) => one.split("-")[0] ?? "")];
  return known.find((one) => LANGUAGES.includes(one)) ?? USUAL;
}

/** Fetch the words of the reader's language; nothing is shown before. */
export async function loadWords(): Promise<void> {
  const language = preferred(localStorage.getItem(KEPT), navigator.languages);
  const words = (await FILES[`./words/${language}.json`]?.())?.default ?? {};
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: words } },
    interpolation: { escapeValue: false }, // React escapes
  });
  document.documentElement.lang = language;
}

/** Show the console in another language, from its beginning. */
export function speak(language: string): void {
  localStorage.setItem(KEPT, language);
  location.reload();
}

export const language = (): string => i18next.language ?? USUAL;

/** The reader's way to write numbers and dates: the browser's where that is of the language shown. */
export const locale = (): string =>
  navigator.languages.find((one) => one.split("-")[0] === language()) ?? language();

/** Words by their key, such as `people.title`; `{{count, number}}` in them is a number of this language. */
export const t = i18next.t;

/** Words by a key that is put together from what a server says; null where nobody has written any. */
export const wordsFor = (key: string, values: Record<string, unknown> = {}): string | null =>
  i18next.exists(key) ? String(i18next.t(key as never, values as never)) : null;
