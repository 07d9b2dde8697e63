/** What is between the cells of a row. */
export type Delimiter = "," | ";" | "\t";

const DELIMITERS: readonly Delimiter[] = [",", ";", "\t"];

export interface Table {
  header: string[];
  /** All that follows the header, empty rows too: row n of the file is `rows[n - 2]`. */
  rows: string[][];
  delimiter: Delimiter;
}

export type Unfit =
  | { refused: "csv-invalid"; row: number }
  | { refused: "delimiter-unknown" | "file-empty" | "header-missing" };

/** The line by which Excel is told the delimiter. It is no row. */
const SEP = /^"?sep=(.)"?(?:\r\n|\n|\r)/i;

/** A table out of CSV as spreadsheets write it (RFC 4180), or why it is none. Of the delimiters it is the one that
 * makes the most columns of the first row. */
export function tableOf(text: string): Table | Unfit {
  const told = SEP.exec(text.replace(/^\ufeff/, ""));
  const rest = text.replace(/^\ufeff/, "").slice(told?.[0].length ?? 0);
  const named = told?.[1] as Delimiter | undefined;
  if (named !== undefined && !DELIMITERS.includes(named)) return { refused: "delimiter-unknown" };
  const delimiter = named ?? mostColumns(rest);
  const read = rowsOf(rest, delimiter);
  if (!Array.isArray(read)) return read;
  const [first = [], ...rows] = read;
  const header = first.map((cell) => cell.trim());
  while (header.length && !header.at(-1)) header.pop();
  if (!header.length || !rows.some(isFilled)) return { refused: "file-empty" };
  if (header.some(isAddress)) return { refused: "header-missing" };
  return { header, rows, delimiter };
}

const isAddress = (cell: string) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(cell);

export const isFilled = (row: string[]): boolean => row.some((cell) => cell.trim() !== "");

function mostColumns(text: string): Delimiter {
  const line = text.replace(/"[^"]*"/g, "").split(/[\r\n]/, 1)[0] ?? "";
  const columns = (one: Delimiter) => line.split(one).length;
  return DELIMITERS.reduce((best, one) => (columns(one) > columns(best) ? one : best));
}

/** The rows of a text, cell by cell; a quote that is not closed or doubled is an error. */
function rowsOf(text: string, delimiter: Delimiter): string[][] | Unfit {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  const wrong = (): Unfit => ({ refused: "csv-invalid", row: rows.length + 1 });
  const ended = () => {
    rows.push(row.length === 1 && row[0] === "" ? [] : row);
    row = [];
  };
  while (at < text.length) {
    let cell: string;
    if (text[at] === '"') {
      const found = quoted(text, at);
      if (!found) return wrong();
      cell = found.cell;
      at = found.end;
      const next = text[at];
      if (next !== undefined && next !== delimiter && next !== "\r" && next !== "\n")
        return wrong();
    } else {
      const start = at;
      while (at < text.length && text[at] !== delimiter && text[at] !== "\r" && text[at] !== "\n")
        at++;
      cell = text.slice(start, at);
    }
    row.push(cell);
    if (text[at] === delimiter) {
      at++;
      if (at === text.length) row.push("");
      continue;
    }
    if (at < text.length) {
      at += text.startsWith("\r\n", at) ? 2 : 1;
      ended();
    }
  }
  if (row.length) ended();
  return rows;
}

/** A cell in quotes, and where it ends; null where it does not. */
function quoted(text: string, start: number): { cell: string; end: number } | null {
  let cell = "";
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return null;
    cell += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { cell, end: quote + 1 };
    cell += '"';
    at = quote + 2;
  }
}

const written = (cell: string) =>
  /[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

/** Rows as CSV. One that has nothing in it is an empty line, so that the numbers of rows stay. */
export const csvOf = (rows: string[][]): string =>
  rows.map((row) => `${isFilled(row) ? row.map(written).join(",") : ""}\r\n`).join("");
