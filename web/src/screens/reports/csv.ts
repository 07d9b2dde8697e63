import { digitsOf, majorOf } from "../../format";

export type Cell = string | number | null;

/** Where one program or another ends a cell, whatever quotes stand around it. */
const END = /\r\n|[,;|\p{Cc}\u2028\u2029]/gu;

/** What stands before a formula unseen: blanks, quotes, and letters that are drawn as nothing. */
const UNSEEN = /^(?:[\p{C}\p{Z}"]|\p{Default_Ignorable_Code_Point})*/u;

/** Return whether a piece of a text would be a formula in a cell of its own, or open another. */
function isFormula(piece: string): boolean {
  const first = piece.replace(UNSEEN, "").normalize("NFKC").charAt(0);
  return /^"*[\t\r\n\0]/.test(piece) || (first !== "" && "=+-@\u2212".includes(first));
}

/**
 * Keep a spreadsheet from taking a name that somebody gave for a formula: as the lists of news do,
 * see `neutral` in `crm/newsletter/csv_rows.py`.
 */
function neutral(cell: string): string {
  const starts = [0, ...[...cell.matchAll(END)].map((end) => end.index + end[0].length)];
  return starts
    .map((start, at) => {
      const rest = cell.slice(start);
      const opens = start > 0 && rest.replace(UNSEEN, "") === "";
      return (opens || isFormula(rest) ? "'" : "") + cell.slice(start, starts[at + 1]);
    })
    .join("");
}

function cellText(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const text = neutral(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows as CSV (RFC 4180): numbers plain, whatever the reader's language is. */
export const csvOf = (rows: Cell[][]): string =>
  rows.map((row) => `${row.map(cellText).join(",")}\r\n`).join("");

/** An amount of minor units as a plain number with its decimals: as text, lest one is lost. */
export const plainAmount = (minor: number, currency: string): number =>
  Number(majorOf(minor, currency).toFixed(digitsOf(currency)));
