import type { Moment } from "./api/types";
import { DIGITS } from "./currencies";

/** The language that the reader set the browser to. */
const locale = () => navigator.languages[0] ?? "en";

/** How many digits a currency's minor unit has: the product's own table, not the browser's. */
export const digitsOf = (currency: string): number => DIGITS[currency] ?? 2;

/** Whether there is such a currency. */
export const isCurrency = (code: string): boolean => code in DIGITS;

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
  const digits = DIGITS[currency];
  if (digits === undefined) return `${minor} ${currency}`;
  const style = { style: "currency", currency } as const;
  const places = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(locale(), { ...style, ...places }).format(majorOf(minor, currency));
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

/** Whether a text is a day, such as 2024-01-31: the same day whatever the reader's zone. */
export const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text);

const written = (text: string, style: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(locale(), { ...style, timeZone: "UTC" }).format(
    new Date(`${text}T00:00:00Z`),
  );

/** A day such as 2024-01-31 as the reader's browser writes it, without a time. */
export const wholeDay = (text: string): string => written(text, { dateStyle: "medium" });

/** The month of a day such as 2024-01-31, short. */
export const month = (text: string): string => written(text, { month: "short", year: "2-digit" });

/** The day that a moment is in, in a zone, as 2024-01-31. */
export function dayIn(moment: Date, timeZone: string): string {
  const style = { year: "numeric", month: "2-digit", day: "2-digit", timeZone } as const;
  const parts = new Intl.DateTimeFormat("en", style).formatToParts(moment);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

export const plural = (count: number, one: string, many = `${one}s`) =>
  `${number(count)} ${count === 1 ? one : many}`;
