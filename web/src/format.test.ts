import { beforeAll, expect, test, vi } from "vitest";
import { majorOf, minorOf, money } from "./format";

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

test("an amount of what is no currency is written as it is", () => {
  expect(money(4990, "no code")).toBe("4990 no code");
});
