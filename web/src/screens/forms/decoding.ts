/** How a file was read. */
export type Encoding = "utf-8" | "utf-16" | "windows-1252";

/** Why a file is not read. */
export type Unreadable = "workbook" | "too-large" | "no-text" | "empty";

export type Decoded = { text: string; encoding: Encoding } | { refused: Unreadable };

/** The most that a list may have, in bytes of UTF-8. */
export const MOST_BYTES = 8_000_000;

/** The most that is read at all: in UTF-16 a list has up to twice as many bytes. */
const MOST_READ = 2 * MOST_BYTES + 2;

const begins = (bytes: Uint8Array, ...start: number[]) =>
  start.every((one, at) => bytes[at] === one);

/** Whether it is a workbook of Excel or LibreOffice (a ZIP, or an OLE file of before 2007). */
const isWorkbook = (bytes: Uint8Array) =>
  begins(bytes, 0x50, 0x4b, 0x03, 0x04) || begins(bytes, 0xd0, 0xcf, 0x11, 0xe0);

/** The text of a file, as spreadsheets write them: UTF-8 and UTF-16 with or without a mark, and what Excel of
 * western Europe writes as "CSV". What is no text is refused: nothing is guessed of it. */
export function decoded(bytes: Uint8Array): Decoded {
  if (!bytes.length) return { refused: "empty" };
  if (isWorkbook(bytes)) return { refused: "workbook" };
  if (bytes.length > MOST_READ) return { refused: "too-large" };
  const found = textOf(bytes);
  if (!found || found.text.includes("\0")) return { refused: "no-text" };
  return bytesOf(found.text) > MOST_BYTES ? { refused: "too-large" } : found;
}

function textOf(bytes: Uint8Array): { text: string; encoding: Encoding } | null {
  if (begins(bytes, 0xff, 0xfe)) return utf16(bytes, "utf-16le");
  if (begins(bytes, 0xfe, 0xff)) return utf16(bytes, "utf-16be");
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), encoding: "utf-8" };
  } catch {
    const text = windows1252(bytes);
    return text === null ? null : { text, encoding: "windows-1252" };
  }
}

/** What Windows-1252 has from 0x80 on; a blank where it has nothing. */
const ABOVE = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

/** The text of Windows-1252; null where a byte stands for nothing or for no text, so that it is something else. */
function windows1252(bytes: Uint8Array): string | null {
  // Some engines read it as Latin-1, which has control characters where it has signs.
  const text = new TextDecoder("windows-1252")
    .decode(bytes)
    .replace(/[\u0080-\u009f]/g, (one) => ABOVE[one.charCodeAt(0) - 0x80]?.trim() || "\0");
  return /[^\P{Cc}\t\r\n]/u.test(text) ? null : text;
}

function utf16(bytes: Uint8Array, label: string) {
  try {
    const text = new TextDecoder(label, { fatal: true }).decode(bytes);
    return { text, encoding: "utf-16" as const };
  } catch {
    return null;
  }
}

/** How many bytes a text has in UTF-8. */
export const bytesOf = (text: string): number => new TextEncoder().encode(text).length;
