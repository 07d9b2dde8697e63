import { digitsOf, majorOf } from "../../format";

export type Cell = string | number | null;

/** What a spreadsheet takes for a formula, though it is a name that somebody gave. */
const FORMULA = /^[=+\-@\t\r]/;

function cellText(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows as CSV (RFC 4180): numbers plain, whatever the reader's language is. */
export const csvOf = (rows: Cell[][]): string =>
  rows.map((row) => `${row.map(cellText).join(",")}\r\n`).join("");

/** An amount of minor units as a plain number with its decimals: as text, lest one is lost. */
export const plainAmount = (minor: number, currency: string): number =>
  Number(majorOf(minor, currency).toFixed(digitsOf(currency)));
