import { beforeAll, expect, test, vi } from "vitest";
import { type Reached, reachText } from "./Reach";

beforeAll(() => {
  vi.stubGlobal("navigator", { languages: ["en-GB"] });
});

const reach = (fields: Partial<Reached>): Reached => ({
  subscribed: 0,
  unsubscribed: 0,
  notSubscribed: 0,
  reachable: 0,
  excluded: {},
  ...fields,
});

test.each<[number, Partial<Reached>, string]>([
  [
    31,
    {
      subscribed: 13,
      notSubscribed: 17,
      unsubscribed: 1,
      reachable: 12,
      excluded: { "no-address": 1 },
    },
    "31 people · 12 can get the newsletter (17 not subscribed, 1 unsubscribed, 1 without address)",
  ],
  [1, { subscribed: 1, reachable: 1 }, "1 person · 1 can get the newsletter"],
  [0, {}, "0 people"],
  [
    20_000,
    { subscribed: 5_000, notSubscribed: 15_000, reachable: null, excluded: null },
    "20,000 people · 5,000 are subscribed (15,000 not subscribed)",
  ],
  [
    3,
    { subscribed: 3, reachable: 1, excluded: { unreachable: 1, "same-address": 1 } },
    "3 people · 1 can get the newsletter (1 unreachable, 1 with the address of another)",
  ],
])("of %d people is told whom news reaches", (count, fields, text) => {
  expect(reachText(count, reach(fields))).toBe(text);
});
