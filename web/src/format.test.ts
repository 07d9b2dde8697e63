import { beforeAll, expect, test, vi } from "vitest";
import { DIGITS } from "./currencies";
import {
  clockIn,
  day,
  dayIn,
  isDay,
  majorOf,
  minorOf,
  momentOf,
  money,
  month,
  time,
  wholeDay,
} from "./format";

beforeAll(() => {
  vi.stubGlobal("navigator", { languages: ["en-GB"] });
});

test("an amount is turned into minor units and back", () => {
  expect(minorOf(49.9, "USD")).toBe(4990);
  expect(minorOf(1.15, "USD")).toBe(115);
  expect(minorOf(500, "JPY")).toBe(500);
  expect(minorOf(1.234, "KWD")).toBe(1234);
  expect(majorOf(4990, "EUR")).toBe(49.9);
  expect(majorOf(4990, "JPY")).toBe(4990);
});

test("an amount is written with the digits of its currency", () => {
  expect(money(4990, "EUR")).toBe("€49.90");
  expect(money(4990, "JPY")).toBe("JP¥4,990");
  expect(money(-1234, "KWD")).toBe("-KWD\u00a01.234");
});

test.each([
  ["HUF", 700_000, 7_000, "HUF\u00a07,000.00"],
  ["IDR", 1_234_500, 12_345, "IDR\u00a012,345.00"],
  ["RSD", 99, 0.99, "RSD\u00a00.99"],
  ["IQD", 1_234, 1.234, "IQD\u00a01.234"],
  ["HRK", 1_234, 12.34, "HRK\u00a012.34"],
  ["CLF", 12_345, 1.2345, "CLF\u00a01.2345"],
])("%s has the digits of the product and not the browser's", (currency, minor, major, written) => {
  expect(majorOf(minor, currency)).toBe(major);
  expect(minorOf(major, currency)).toBe(minor);
  expect(money(minor, currency)).toBe(written);
});

test("every currency is written with as many digits as its minor unit has", () => {
  for (const [currency, digits] of Object.entries(DIGITS)) {
    const decimals = /\d+(?:\.(\d+))?$/.exec(money(123_456, currency))?.[1] ?? "";
    expect([currency, decimals.length]).toEqual([currency, digits]);
  }
});

test("an amount of what is no currency is written as it is", () => {
  expect(money(4990, "no code")).toBe("4990 no code");
});

test.each(["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])("a day is itself in %s", (zone) => {
  vi.stubEnv("TZ", zone);
  expect(wholeDay("2024-01-31")).toBe("31 Jan 2024");
  expect(month("2024-03-01")).toBe("Mar 24");
  vi.unstubAllEnvs();
});

test("a day is told from a moment", () => {
  expect(isDay("2024-01-31")).toBe(true);
  expect(isDay("2024-01-31T00:00:00Z")).toBe(false);
});

test.each([
  ["UTC", "2024-02-29"],
  ["Europe/Berlin", "2024-03-01"],
  ["Pacific/Kiritimati", "2024-03-01"],
  ["America/New_York", "2024-02-29"],
])("the day that a moment is in, in %s: %s", (zone, wanted) => {
  expect(dayIn(new Date("2024-02-29T23:30:00Z"), zone)).toBe(wanted);
});

test.each([
  ["UTC", "27 Nov 2024", "27 Nov 2024, 23:30"],
  ["Europe/Berlin", "28 Nov 2024", "28 Nov 2024, 00:30"],
  ["America/New_York", "27 Nov 2024", "27 Nov 2024, 18:30"],
])("a moment is written as it is in %s, wherever the reader is", (zone, date, clock) => {
  vi.stubEnv("TZ", "Pacific/Kiritimati");
  expect(day("2024-11-27T23:30:00Z", zone)).toBe(date);
  expect(time("2024-11-27T23:30:00Z", zone)).toBe(clock);
  vi.unstubAllEnvs();
});

test.each([
  ["UTC", "2024-02-29T23:30", "2024-02-29T23:30:00.000Z"],
  ["Europe/Berlin", "2024-02-29T00:30", "2024-02-28T23:30:00.000Z"],
  ["Europe/Berlin", "2024-07-01T00:30", "2024-06-30T22:30:00.000Z"],
  ["America/New_York", "2024-03-10T01:30", "2024-03-10T06:30:00.000Z"],
  ["America/New_York", "2024-03-10T03:30", "2024-03-10T07:30:00.000Z"],
  ["Pacific/Kiritimati", "2024-01-01T00:00", "2023-12-31T10:00:00.000Z"],
])("a clock in %s shows %s at one moment, and back", (zone, clock, moment) => {
  expect(momentOf(clock, zone).toISOString()).toBe(moment);
  expect(clockIn(new Date(moment), zone)).toBe(clock);
});

test.each([
  ["Europe/Berlin", "2024-03-31T02:30"],
  ["America/New_York", "2024-03-10T02:30"],
])("a clock in %s that skips %s has a moment near it", (zone, clock) => {
  const hour = 3_600_000;
  const moment = momentOf(clock, zone).getTime();
  const shown = Date.parse(`${clockIn(new Date(moment), zone)}Z`);
  expect(Math.abs(shown - Date.parse(`${clock}Z`))).toBeLessThanOrEqual(hour);
});
