import { beforeAll, expect, test, vi } from "vitest";
import type { SegmentNode } from "../../api/types";
import { conditionsOf } from "../../people/filters";
import { chipText } from "./chips";

beforeAll(() => {
  vi.stubGlobal("navigator", { languages: ["en-GB"] });
});

const names = {
  tag: (id: string) => id.toUpperCase(),
  event: (id: string) => `The ${id}`,
  segment: () => "Loyal",
  fields: [
    {
      name: "seats",
      type: "number" as const,
      label: "Seats",
      purpose: "halls",
      choices: [],
      writable: true,
    },
  ],
};

test.each<[SegmentNode, string]>([
  [{ tag: "vip" }, "Tag: VIP"],
  [{ not: { tag: "vip" } }, "Tag: not VIP"],
  [{ tagged: true }, "Tag: any"],
  [{ not: { tagged: true } }, "Tag: none"],
  [{ tagged: false }, "Tag: none"],
  [{ attended: "ball" }, "Event: attended “The ball”"],
  [{ not: { attended: "ball" } }, "Event: did not attend “The ball”"],
  [{ noShow: "ball" }, "Event: did not come “The ball”"],
  [{ not: { hasTicket: "ball" } }, "Event: holds no ticket “The ball”"],
  [{ marketing: "none" }, "Newsletter: Not subscribed"],
  [{ not: { marketing: "subscribed" } }, "Newsletter: not Subscribed"],
  [{ totalSpend: { currency: "USD", gte: 10_000 } }, "Spend: at least US$100.00"],
  [{ totalSpend: { currency: "JPY", gte: 100, lte: 500 } }, "Spend: JP¥100 – JP¥500"],
  [
    { totalSpend: { currency: "USD", gt: 1, lt: 5 } },
    "Spend: more than US$0.01, less than US$0.05",
  ],
  [{ orderCount: { eq: 3 } }, "Orders: exactly 3"],
  [{ lastOrderAt: { olderThanDays: 365 } }, "Last order: more than 365 days ago"],
  [{ lastOrderAt: { withinDays: 1 } }, "Last order: in the last day"],
  [{ firstOrderAt: { gte: "2026-11-01" } }, "First order: since 1 Nov 2026"],
  [{ lastOrderAt: { lt: "2026-11-01T12:00:00Z" } }, "Last order: before 1 Nov 2026, 12:00"],
  [{ registered: true }, "Registered: yes"],
  [{ not: { registered: true } }, "Registered: no"],
  [{ emailDomain: "acme.com" }, "Address at: acme.com"],
  [{ segment: "k3b7xq" }, "Segment: Loyal"],
  [{ field: "seats", gte: 3 }, "Seats: at least 3"],
  [{ field: "company", eq: "ACME" }, "company: ACME"],
  [{ eq: "ACME", field: "company" }, "company: ACME"],
  [{ field: "vegan", eq: true }, "vegan: yes"],
  [{ field: "birthday", lte: "1990-01-01" }, "birthday: at most 1 Jan 1990"],
  [{ field: "company", known: false }, "company: no value"],
])("the condition %j says %j", (node, text) => {
  const [condition] = conditionsOf(node) ?? [];
  expect(condition && chipText(condition, names)).toBe(text);
});
