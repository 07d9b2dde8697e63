import type { Moment } from "./api/types";
import { DIGITS } from "./currencies";
import { SETTINGS } from "./setup";
import { locale } from "./words";

/** The zone of the organiser's days: days and times are written as they are there, wherever the reader is. */
export const ZONE = SETTINGS.timeZone;

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

/** A number in few signs, such as 1.2M, for where there is little room. */
export const short = (value: number) =>
  new Intl.NumberFormat(locale(), { notation: "compact", maximumFractionDigits: 1 }).format(value);

export const number = (value: number) => new Intl.NumberFormat(locale()).format(value);

/** A part of a whole in hundredths, such as 35%; of nothing there is none. */
export const percent = (part: number, whole: number): string =>
  whole > 0 ? new Intl.NumberFormat(locale(), { style: "percent" }).format(part / whole) : "–";

export function dateOf(moment: Moment): Date {
  return typeof moment === "string" ? new Date(moment) : moment.toDate();
}

/** The day that a moment is in, as the reader's browser writes it. */
export function day(moment: Moment | null, timeZone = ZONE): string {
  if (!moment) return "–";
  const style = { dateStyle: "medium", timeZone } as const;
  return new Intl.DateTimeFormat(locale(), style).format(dateOf(moment));
}

/** A moment to the minute, as the reader's browser writes it. */
export function time(moment: Moment | null, timeZone = ZONE): string {
  if (!moment) return "–";
  const style = { dateStyle: "medium", timeStyle: "short", timeZone } as const;
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

/** A day such as 2024-01-31 in few signs, without its year. */
export const shortDay = (text: string): string =>
  written(text, { day: "numeric", month: "numeric" });

/** What a clock in a zone shows at a moment, as 2024-01-31T12:30. */
export function clockIn(moment: Date, timeZone: string): string {
  const date = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const style = { ...date, ...clock, timeZone };
  const parts = new Intl.DateTimeFormat("en", style).formatToParts(moment);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

/** The day that a moment is in, in a zone, as 2024-01-31. */
export const dayIn = (moment: Date, timeZone: string): string =>
  clockIn(moment, timeZone).slice(0, 10);

/** The moment at which a clock in a zone shows this; what it skips is as long after the hour before. */
export function momentOf(clock: string, timeZone: string): Date {
  const wanted = Date.parse(`${clock}Z`);
  const ahead = (at: number) => Date.parse(`${clockIn(new Date(at), timeZone)}Z`) - at;
  const near = wanted - ahead(wanted);
  const moment = wanted - ahead(near);
  return new Date(clockIn(new Date(moment), timeZone) === clock ? moment : near);
}
