import type { Moment } from "./api/types";

/** The language that the reader set the browser to. */
const locale = () => navigator.languages[0] ?? "en";

/** How many digits a currency's minor unit has. */
function digitsOf(currency: string): number {
  try {
    const format = new Intl.NumberFormat("en", { style: "currency", currency });
    return format.resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** The minor units of an amount that a person wrote. */
export function minorOf(major: number, currency: string): number {
  return Math.round(major * 10 ** digitsOf(currency));
}

/** An amount of minor units as a person writes it. */
export function majorOf(minor: number, currency: string): number {
  return minor / 10 ** digitsOf(currency);
}

/** An amount of minor units with its currency, as the reader's browser writes it. */
export function money(minor: number, currency: string): string {
  try {
    const format = new Intl.NumberFormat(locale(), { style: "currency", currency });
    return format.format(majorOf(minor, currency));
  } catch {
    return `${minor} ${currency}`;
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

/** The month of a date in UTC, short. */
export function month(first: Date): string {
  const style = { month: "short", year: "2-digit", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(locale(), style).format(first);
}

export const plural = (count: number, one: string, many = `${one}s`) =>
  `${number(count)} ${count === 1 ? one : many}`;
