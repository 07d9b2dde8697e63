import i18next from "i18next";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { SegmentNode } from "../api/types";
import de from "../words/de.json";
import { inWords } from "./describe";

const NAMES = {
  tag: (id: string) => id.toUpperCase(),
  event: (id: string) => `the ${id}`,
  segment: (id: string) => `my ${id}`,
  field: (name: string) => name.toUpperCase(),
};

beforeAll(() => {
  vi.stubGlobal("navigator", { languages: ["en-GB"] });
  vi.stubEnv("TZ", "UTC");
});

const said = (node: SegmentNode) => inWords(node, NAMES);
const vip = { tag: "vip" };
const ball = { attended: "ball" };
const news = { marketing: "subscribed" };

test.each<[SegmentNode, string]>([
  [{ not: {} }, "do not exist"],
  [vip, "have the tag “VIP”"],
  [{ not: vip }, "do not have the tag “VIP”"],
  [{ not: { not: vip } }, "have the tag “VIP”"],
  [ball, "attended “the ball”"],
  [{ not: ball }, "did not attend “the ball”"],
  [{ not: { hasTicket: "ball" } }, "have no ticket for “the ball”"],
  [{ registered: true }, "are registered"],
  [{ registered: false }, "are not registered"],
  [{ not: { registered: true } }, "are not registered"],
  [{ not: { registered: false } }, "are registered"],
  [{ emailDomain: "acme.com" }, "have an address at acme.com"],
  [{ not: { segment: "s1" } }, "do not belong to “my s1”"],
  [news, "get the newsletter"],
  [{ not: news }, "do not get the newsletter"],
  [{ marketing: "unsubscribed" }, "unsubscribed from the newsletter"],
  [{ marketing: "none" }, "neither subscribed to nor left the newsletter"],
  [{ not: { marketing: "none" } }, "either subscribed to or left the newsletter"],
  [{ noShow: "ball" }, "have a ticket for “the ball” and did not come"],
  [{ not: { noShow: "ball" } }, "did not miss “the ball”"],
  [{ tagged: true }, "have at least one tag"],
  [{ tagged: false }, "have no tag"],
  [{ not: { tagged: true } }, "have no tag"],
  [{ not: { tagged: false } }, "have at least one tag"],
])("%j", (node, words) => {
  expect(said(node)).toBe(`People who ${words}.`);
});

test("everyone", () => {
  expect(said({})).toBe("Everyone.");
});

test.each<[SegmentNode, string]>([
  [{ totalSpend: { currency: "USD", gte: 10_000 } }, "spent at least US$100.00"],
  [{ totalSpend: { currency: "JPY", lt: 5_000 } }, "spent less than JP¥5,000"],
  [
    { not: { totalSpend: { currency: "EUR", gte: 100, lt: 250 } } },
    "did not spend at least €1.00 and less than €2.50",
  ],
  [{ orderCount: { gte: 1 } }, "ordered at least 1 time"],
  [{ orderCount: { eq: 2 } }, "ordered exactly 2 times"],
  [{ not: { orderCount: { gt: 3 } } }, "did not order more than 3 times"],
  [{ lastOrderAt: { withinDays: 90 } }, "last ordered in the last 90 days"],
  [{ firstOrderAt: { olderThanDays: 1 } }, "first ordered more than 1 day ago"],
  [{ lastOrderAt: { gte: "2024-03-01T00:00:00Z" } }, "last ordered since 1 Mar 2024, 00:00"],
  [
    { not: { firstOrderAt: { lt: "2024-03-01T12:30:00Z" } } },
    "did not first order before 1 Mar 2024, 12:30",
  ],
])("amounts, numbers and times: %j", (node, words) => {
  expect(said(node)).toBe(`People who ${words}.`);
});

test.each<[SegmentNode, string]>([
  [{ lastOrderAt: { lte: "2024-11-27" } }, "last ordered until 27 Nov 2024"],
  [{ lastOrderAt: { eq: "2024-11-27" } }, "last ordered on 27 Nov 2024"],
  [{ lastOrderAt: { gt: "2024-11-27" } }, "last ordered after 27 Nov 2024"],
  [
    { firstOrderAt: { gte: "2024-01-01", lt: "2024-02-01" } },
    "first ordered since 1 Jan 2024 and before 1 Feb 2024",
  ],
  [{ lastOrderAt: { eq: "2024-11-27T00:00:00Z" } }, "last ordered at 27 Nov 2024, 00:00"],
])("a day is a day wherever it is read, and a moment keeps its time: %j", (node, words) => {
  vi.stubEnv("TZ", "America/New_York");
  expect(said(node)).toBe(`People who ${words}.`);
  vi.stubEnv("TZ", "UTC");
});

const [v, b, n] = ["have the tag “VIP”", "attended “the ball”", "get the newsletter"];
const [notV, notB] = ["do not have the tag “VIP”", "did not attend “the ball”"];

test.each<[SegmentNode, string]>([
  [{ all: [vip, ball] }, `${v} and ${b}`],
  [{ any: [vip, ball, news] }, `${v} or ${b} or ${n}`],
  [{ all: [{ any: [vip, ball] }, news] }, `(${v} or ${b}) and ${n}`],
  [{ not: { all: [vip, ball] } }, `${notV} or ${notB}`],
  [{ not: { any: [vip, { not: ball }] } }, `${notV} and ${b}`],
  [{ all: [{ not: { all: [vip, ball] } }, news] }, `(${notV} or ${notB}) and ${n}`],
  [{ any: [{ not: { not: { all: [vip, ball] } } }, news] }, `(${v} and ${b}) or ${n}`],
])("and, or, not: %j", (node, words) => {
  expect(said(node)).toBe(`People who ${words}.`);
});

test.each<[SegmentNode, string]>([
  [{ field: "company", eq: "ACME" }, "have “ACME” as “COMPANY”"],
  [{ not: { eq: "ACME", field: "company" } }, "do not have “ACME” as “COMPANY”"],
  [{ field: "company", known: true }, "have a value for “COMPANY”"],
  [{ not: { field: "company", known: true } }, "have no value for “COMPANY”"],
  [{ field: "company", known: false }, "have no value for “COMPANY”"],
  [{ field: "vegan", eq: false }, "have “no” as “VEGAN”"],
  [{ field: "seats", gt: 1.5, lte: 1_200 }, "have more than 1.5 and at most 1,200 as “SEATS”"],
  [{ field: "birthday", lt: "1990-01-01" }, "have a day before 1 Jan 1990 as “BIRTHDAY”"],
  [{ field: "birthday", eq: "1990-01-01" }, "have 1 Jan 1990 as “BIRTHDAY”"],
])("own fields: %j", (node, words) => {
  expect(said(node)).toBe(`People who ${words}.`);
});

describe("in German", () => {
  beforeAll(async () => {
    i18next.addResourceBundle("de", "translation", de);
    await i18next.changeLanguage("de");
    vi.stubGlobal("navigator", { languages: ["de-DE"] });
    return async () => {
      await i18next.changeLanguage("en");
      vi.stubGlobal("navigator", { languages: ["en-GB"] });
    };
  });

  test.each<[SegmentNode, string]>([
    [vip, "das Schlagwort „VIP“ haben"],
    [{ not: vip }, "nicht das Schlagwort „VIP“ haben"],
    [{ tagged: false }, "kein Schlagwort haben"],
    [ball, "bei „the ball“ waren"],
    [{ not: ball }, "nicht bei „the ball“ waren"],
    [{ not: { hasTicket: "ball" } }, "kein Ticket für „the ball“ haben"],
    [{ noShow: "ball" }, "mit einem Ticket für „the ball“ nicht gekommen sind"],
    [{ registered: false }, "nicht registriert sind"],
    [{ emailDomain: "acme.com" }, "eine Adresse bei acme.com haben"],
    [{ not: { segment: "s1" } }, "nicht zu „my s1“ gehören"],
    [{ not: news }, "den Newsletter nicht bekommen"],
    [{ marketing: "unsubscribed" }, "sich vom Newsletter abgemeldet haben"],
    [{ marketing: "none" }, "sich zum Newsletter weder an- noch abgemeldet haben"],
    [
      { totalSpend: { currency: "EUR", gte: 123_450 } },
      "mindestens 1.234,50\u00a0€ ausgegeben haben",
    ],
    [
      { not: { totalSpend: { currency: "EUR", lt: 100 } } },
      "nicht weniger als 1,00\u00a0€ ausgegeben haben",
    ],
    [{ orderCount: { eq: 1 } }, "genau 1-mal bestellt haben"],
    [{ not: { orderCount: { gt: 1_000 } } }, "nicht mehr als 1.000-mal bestellt haben"],
    [
      { lastOrderAt: { withinDays: 90 } },
      "ihre letzte Bestellung in den letzten 90 Tagen aufgegeben haben",
    ],
    [
      { not: { firstOrderAt: { olderThanDays: 1 } } },
      "ihre erste Bestellung nicht vor mehr als einem Tag aufgegeben haben",
    ],
    [
      { lastOrderAt: { gte: "2024-01-01", lte: "2024-11-27" } },
      "ihre letzte Bestellung seit dem 01.01.2024 und bis zum 27.11.2024 aufgegeben haben",
    ],
    [{ field: "company", eq: "ACME" }, "bei „COMPANY“ „ACME“ stehen haben"],
    [{ not: { field: "seats", gte: 3 } }, "bei „SEATS“ nicht mindestens 3 stehen haben"],
    [{ field: "company", known: false }, "bei „COMPANY“ keinen Wert haben"],
    [
      { all: [{ any: [vip, ball] }, news] },
      "(das Schlagwort „VIP“ haben oder bei „the ball“ waren) und den Newsletter bekommen",
    ],
  ])("%j", (node, words) => {
    expect(said(node)).toBe(`Personen, die ${words}.`);
  });

  test("everyone", () => {
    expect(said({})).toBe("Alle.");
  });
});
