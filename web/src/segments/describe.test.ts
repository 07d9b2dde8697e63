import { beforeAll, expect, test, vi } from "vitest";
import type { SegmentNode } from "../api/types";
import { inWords } from "./describe";

const NAMES = {
  tag: (id: string) => id.toUpperCase(),
  event: (id: string) => `the ${id}`,
  segment: (id: string) => `my ${id}`,
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
  [ball, "were at “the ball”"],
  [{ not: { hasTicket: "ball" } }, "hold no ticket of “the ball”"],
  [{ registered: true }, "have an account"],
  [{ registered: false }, "have no account"],
  [{ not: { registered: true } }, "have no account"],
  [{ not: { registered: false } }, "have an account"],
  [{ emailDomain: "acme.com" }, "have an address at acme.com"],
  [{ not: { segment: "s1" } }, "do not belong to “my s1”"],
  [news, "get the newsletter"],
  [{ not: news }, "do not get the newsletter"],
  [{ marketing: "unsubscribed" }, "withdrew from the newsletter"],
  [{ marketing: "none" }, "neither subscribed to nor left the newsletter"],
  [{ not: { marketing: "none" } }, "either subscribed to or left the newsletter"],
  [{ noShow: "ball" }, "hold a ticket of “the ball” and did not come"],
  [{ not: { noShow: "ball" } }, "did not miss “the ball”"],
  [{ tagged: true }, "have at least one tag"],
  [{ tagged: false }, "have no tag"],
  [{ not: { tagged: true } }, "have no tag"],
  [{ not: { tagged: false } }, "have at least one tag"],
])("%j", (node, words) => {
  expect(said(node)).toBe(`Customers who ${words}.`);
});

test("everyone", () => {
  expect(said({})).toBe("All customers.");
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
  expect(said(node)).toBe(`Customers who ${words}.`);
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
  expect(said(node)).toBe(`Customers who ${words}.`);
  vi.stubEnv("TZ", "UTC");
});

const [v, b, n] = ["have the tag “VIP”", "were at “the ball”", "get the newsletter"];
const [notV, notB] = ["do not have the tag “VIP”", "were not at “the ball”"];

test.each<[SegmentNode, string]>([
  [{ all: [vip, ball] }, `${v} and ${b}`],
  [{ any: [vip, ball, news] }, `${v} or ${b} or ${n}`],
  [{ all: [{ any: [vip, ball] }, news] }, `(${v} or ${b}) and ${n}`],
  [{ not: { all: [vip, ball] } }, `${notV} or ${notB}`],
  [{ not: { any: [vip, { not: ball }] } }, `${notV} and ${b}`],
  [{ all: [{ not: { all: [vip, ball] } }, news] }, `(${notV} or ${notB}) and ${n}`],
  [{ any: [{ not: { not: { all: [vip, ball] } } }, news] }, `(${v} and ${b}) or ${n}`],
])("and, or, not: %j", (node, words) => {
  expect(said(node)).toBe(`Customers who ${words}.`);
});
