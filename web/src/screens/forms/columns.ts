import { isFilled, type Table } from "./csv";

/** What a column can mean besides own fields. */
export const MEANINGS = ["email", "name", "tags", "status", "consentedAt"] as const;

/** What a column means: one of `MEANINGS`, `field:NAME`, or nothing. */
export type Meaning = string | null;

export const STATUSES = ["subscribed", "unsubscribed", "none"] as const;

export type StatusWord = (typeof STATUSES)[number];

/** What columns are called in lists, in small letters and without signs. Nothing of it is sure: staff choose. */
const CALLED: Record<(typeof MEANINGS)[number], readonly string[]> = {
  email: ["email", "emailaddress", "mail", "emailadresse", "mailadresse", "adresse", "address"],
  name: [
    "name",
    "fullname",
    "firstname",
    "lastname",
    "givenname",
    "surname",
    "familyname",
    "vorname",
    "nachname",
    "vollername",
  ],
  tags: ["tags", "tag", "labels", "schlagwort", "schlagworte", "schlagwörter"],
  status: ["status", "subscribed", "newsletter", "subscription", "abonniert"],
  consentedAt: ["consentedat", "consent", "optinat", "optintime", "einwilligung", "zustimmung"],
};

const plain = (head: string) => head.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** What columns may mean, by what they are called. Several can be the name, which is put together. */
export function meaningsOf(header: string[], fields: { name: string; label: string }[]): Meaning[] {
  const taken = new Set<string>();
  return header.map((head) => {
    const called = plain(head);
    const own = fields.find((one) => [plain(one.name), plain(one.label)].includes(called));
    const known = MEANINGS.find((one) => CALLED[one].includes(called));
    const meaning = known ?? (own ? `field:${own.name}` : null);
    if (meaning === null || (meaning !== "name" && taken.has(meaning))) return null;
    taken.add(meaning);
    return meaning;
  });
}

/** The meanings that are chosen more than once and cannot be; and whether the address is missing. */
export function wrongMeanings(meanings: Meaning[]): { missing: boolean; twice: string[] } {
  const chosen = meanings.filter((one) => one !== null && one !== "name") as string[];
  const twice = chosen.filter((one, at) => chosen.indexOf(one) !== at);
  return { missing: !chosen.includes("email"), twice: [...new Set(twice)] };
}

/** How many different words of a status are asked about; a column with more is something else. */
export const MOST_WORDS = 12;

/** The words in a column that means the status, the most frequent first. */
export function wordsIn(table: Table, column: number): { word: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const row of table.rows) {
    const word = (row[column] ?? "").trim();
    if (word) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts]
    .map(([word, count]) => ({ word, count }))
    .sort((one, other) => other.count - one.count);
}

export const isStatus = (word: string): word is StatusWord =>
  (STATUSES as readonly string[]).includes(word);

/** What was changed so that it is understood. */
export interface Converted {
  rows: string[][];
  /** Dates that were written as 31.12.2025. */
  dates: number;
  /** Cells in which tags were apart by commas or bars. */
  tags: number;
  /** Rows that say something, and nothing in the columns that are taken. */
  silent: number;
}

/** A table as `import_contacts` takes it: the columns that mean something, by their names there. `statuses` says
 * what words of the status mean; one of which nothing is said stays, and is refused with its row. */
export function convertedOf(
  table: Table,
  meanings: Meaning[],
  statuses: Record<string, StatusWord>,
): Converted {
  const heads = [...new Set(meanings.filter((one) => one !== null) as string[])];
  const converted: Converted = {
    rows: [heads.map((one) => one.replace(/^field:/, ""))],
    dates: 0,
    tags: 0,
    silent: 0,
  };
  for (const row of table.rows) {
    const cells = heads.map((head) => {
      const found = row.filter((_, at) => meanings[at] === head).map((cell) => cell.trim());
      return cellOf(head, found, statuses, converted);
    });
    // What stands behind the last column is told, as the file has it.
    const more = row.slice(table.header.length).filter((cell) => cell.trim());
    const written = isFilled(cells) || more.length ? [...cells, ...more] : [];
    if (!written.length && isFilled(row)) converted.silent += 1;
    converted.rows.push(written);
  }
  return converted;
}

function cellOf(
  head: string,
  found: string[],
  statuses: Record<string, StatusWord>,
  converted: Converted,
): string {
  const [cell = ""] = found;
  switch (head) {
    case "name":
      return found.filter((one) => one).join(" ");
    case "status":
      return Object.hasOwn(statuses, cell) ? (statuses[cell] ?? cell) : cell;
    case "tags": {
      const tags = cell.replace(/\s*[,|]\s*/g, ";"); // no tag has either
      if (tags !== cell) converted.tags += 1;
      return tags;
    }
    case "consentedAt": {
      const day = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(cell);
      if (!day) return cell;
      converted.dates += 1;
      return `${day[3]}-${day[2]?.padStart(2, "0")}-${day[1]?.padStart(2, "0")}`;
    }
    default:
      return cell;
  }
}
