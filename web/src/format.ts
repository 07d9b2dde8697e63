import type { Moment } from "./api/types";

const locale = () => navigator.languages[0] ?? "en";

/** Write an amount of minor units in the reader's locale. */
export function money(minor: number, currency: string): string {
  try {
    const format = new Intl.NumberFormat(locale(), { style: "currency", currency });
    const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
    return format.format(minor / 10 ** digits);
  } catch {
    return `${minor} ${currency}`;
  }
}

/** How many digits a currency's minor unit has. */
export function digitsOf(currency: string): number {
  try {
    const format = new Intl.NumberFormat("en", { style: "currency", currency });
    return format.resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

export const number = (value: number) => new Intl.NumberFormat(locale()).format(value);

export function dateOf(moment: Moment): Date {
  return typeof moment === "string" ? new Date(moment) : moment.toDate();
}

export function day(moment: Moment | null): string {
  if (!moment) return "–";
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium" }).format(dateOf(moment));
}

export function time(moment: Moment | null): string {
  if (!moment) return "–";
  const style = { dateStyle: "medium", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat(locale(), style).format(dateOf(moment));
}

/** Write a month such as 2026-03 shortly. */
export function month(first: Date): string {
  const style = { month: "short", year: "2-digit", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(locale(), style).format(first);
}

export const plural = (count: number, one: string, many = `${one}s`) =>
  `${number(count)} ${count === 1 ? one : many}`;
