import type { Sort } from "../api/types";
import { DIGITS } from "../currencies";
import { t } from "../words";

const FIELDS = ["lastOrderAt", "firstOrderAt", "orderCount", "totalSpend"] as const;

const isField = (by: string): by is Sort["by"] => (FIELDS as readonly string[]).includes(by);

/** Who bought last is first. */
export const NEWEST: Sort = { by: "lastOrderAt", direction: "desc" };

/** A sort as it stands in the address of a page. */
export const sortText = ({ by, currency, direction }: Sort): string =>
  [by, ...(currency ? [currency] : []), direction].join(".");

/** The sort that the address of a page says; the usual one where it says none. */
export function sortOf(text: string | null): Sort {
  const [by = "", ...more] = (text ?? "").split(".");
  const direction = more.at(-1);
  if (!isField(by) || (direction !== "asc" && direction !== "desc")) return NEWEST;
  const spend = by === "totalSpend";
  if (more.length !== (spend ? 2 : 1) || (spend && !/^[A-Z]{3}$/.test(more[0] ?? "")))
    return NEWEST;
  const sort = { by, direction } as const;
  return spend ? { ...sort, currency: more[0] } : sort;
}

/** What a click on a column's head asks for: the other way round, or the most of it first. */
export function clicked(sort: Sort, by: Sort["by"], currency?: string): Sort {
  const again = sort.by === by && sort.direction === "desc";
  const next: Sort = { by, direction: again ? "asc" : "desc" };
  return by === "totalSpend" ? { ...next, currency } : next;
}

/** Every way to sort, to choose from where there is no room for columns; by spend only in a currency. */
export function choices(currency: string | undefined): { value: string; label: string }[] {
  return FIELDS.flatMap((by) => {
    if (by === "totalSpend" && !currency) return [];
    const sort = by === "totalSpend" ? { by, currency } : { by };
    return (["desc", "asc"] as const).map((direction) => ({
      value: sortText({ ...sort, direction }),
      label: t(`people.sort.${by}.${direction}`),
    }));
  });
}

/** Every currency to sort by: those of the people who are shown first, for others can follow them. */
export function currencyChoices(shown: string[]): { group: string; items: string[] }[] {
  const others = Object.keys(DIGITS).filter((code) => !shown.includes(code));
  return [
    { group: t("people.sort.shown"), items: shown },
    { group: t("people.sort.others"), items: others },
  ];
}

/** How a column is sorted, as assistive technology is told. */
export const ariaSort = (sort: Sort | null, by: Sort["by"]): "ascending" | "descending" | "none" =>
  sort?.by !== by ? "none" : sort.direction === "asc" ? "ascending" : "descending";

/** The currencies that a spend can be sorted by, those of most customers first. */
export function currenciesOf(spends: Record<string, number>[], besides?: string): string[] {
  const customers = new Map<string, number>(besides ? [[besides, 0]] : []);
  for (const spend of spends) {
    for (const code of Object.keys(spend)) customers.set(code, (customers.get(code) ?? 0) + 1);
  }
  return [...customers]
    .sort(([one, often], [other, less]) => less - often || one.localeCompare(other))
    .map(([code]) => code);
}
