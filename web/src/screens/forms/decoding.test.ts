import { expect, test } from "vitest";
import { decoded, MOST_BYTES } from "./decoding";

const bytes = (...values: number[]) => new Uint8Array(values);
const utf8 = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string, little: boolean) => {
  const view = new DataView(new ArrayBuffer(2 * text.length));
  for (let at = 0; at < text.length; at++) view.setUint16(2 * at, text.charCodeAt(at), little);
  return new Uint8Array(view.buffer);
};

const LIST = "email;name\nzoë@example.com;Zoë Müller\n";

test.each<[string, Uint8Array, string]>([
  ["UTF-8", utf8(LIST), "utf-8"],
  ["UTF-8 with a mark, as Excel writes it", utf8(`\ufeff${LIST}`), "utf-8"],
  ["UTF-16, as Excel's Unicode text", utf16(`\ufeff${LIST}`, true), "utf-16"],
  ["UTF-16 of the other order", utf16(`\ufeff${LIST}`, false), "utf-16"],
  ["Windows-1252", bytes(...[...LIST].map((one) => one.charCodeAt(0))), "windows-1252"],
])("a list in %s has the same text", (_name, file, encoding) => {
  expect(decoded(file)).toEqual({ text: LIST, encoding });
});

test("Windows-1252 has signs that Latin-1 has not", () => {
  expect(decoded(bytes(0x80, 0x20, 0x93, 0x9a, 0xe9))).toEqual({
    text: "€ “šé",
    encoding: "windows-1252",
  });
});

test.each<[string, Uint8Array, string]>([
  ["nothing", bytes(), "empty"],
  ["a workbook", bytes(0x50, 0x4b, 0x03, 0x04, 0x14), "workbook"],
  ["an old workbook", bytes(0xd0, 0xcf, 0x11, 0xe0, 0xa1), "workbook"],
  ["UTF-16 without a mark", utf16("email\n", true), "no-text"],
  ["half a sign of UTF-16", bytes(0xff, 0xfe, 0x41), "no-text"],
  ["what is no text in any of them", bytes(0x65, 0x81, 0xff), "no-text"],
  ["too many bytes", utf8("a".repeat(MOST_BYTES + 1)), "too-large"],
  ["too many in UTF-8", utf16(`\ufeff${"世".repeat(MOST_BYTES / 2)}`, true), "too-large"],
])("%s is not read", (_name, file, refused) => {
  expect(decoded(file)).toEqual({ refused });
});

test("the most bytes are read", () => {
  expect(decoded(utf8("a".repeat(MOST_BYTES)))).toHaveProperty("encoding", "utf-8");
});
