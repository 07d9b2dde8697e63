import { expect, test } from "vitest";
import { isRecent, leftOf, needsOf, wayOf } from "./session";

test("a sign-in lasts as long as it lasts", () => {
  expect(leftOf(1_000, 12, 1_000_000)).toBe(12 * 3_600_000);
  expect(leftOf("1000", 1, 1_000_000 + 3_600_000)).toBe(0);
  expect(leftOf(1_000, 1, 1_000_001 + 3_600_000)).toBe(-1);
});

test("a sign-in is recent for five minutes", () => {
  expect(isRecent(1_000, 301_000)).toBe(true);
  expect(isRecent(1_000, 301_001)).toBe(false);
});

test.each([
  ["password", [], { popups: false, sms: false }],
  ["password", ["totp"], { popups: false, sms: false }],
  ["password", ["totp", "phone"], { popups: false, sms: true }],
  ["google.com", [], { popups: true, sms: false }],
  ["saml.acme", ["phone"], { popups: true, sms: true }],
])("who signs in by %s with %j needs %j", (way, factors, needs) => {
  expect(needsOf(way, factors)).toEqual(needs);
});

test.each([
  [["password"], ["password"], "password"],
  [["google.com", "password"], ["password"], "password"],
  [["google.com", "password"], ["google.com", "password"], "google.com"],
  [["saml.acme"], ["password"], "saml.acme"], // the page has stopped to offer it
  [[], ["google.com"], "password"],
])("an account with %j at a page with %j shows itself by %s", (providers, ways, way) => {
  const offered = ways.map((id) => ({ id, label: null }));
  expect(wayOf(providers, offered)).toBe(way);
});
