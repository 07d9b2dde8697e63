import { beforeAll, expect, test, vi } from "vitest";
import { type Reached, reachInWords } from "./reach";

beforeAll(() => {
  vi.stubGlobal("navigator", { languages: ["en-GB"] });
});

const said = (count: number, reach: Partial<Reached>) =>
  reachInWords({
    count,
    how: "indexes",
    documentsRead: 1,
    segment: {},
    text: "everyone",
    warnings: [],
    reach: {
      subscribed: 0,
      unsubscribed: 0,
      notSubscribed: 0,
      reachable: 0,
      excluded: {},
      ...reach,
    },
  });

test.each<[number, Partial<Reached>, string]>([
  [
    31,
    {
      subscribed: 13,
      unsubscribed: 1,
      notSubscribed: 17,
      reachable: 12,
      excluded: { "no-address": 1 },
    },
    "31 people · 12 can get the newsletter (17 not subscribed, 1 unsubscribed, 1 without address)",
  ],
  [1, { subscribed: 1, reachable: 1 }, "1 person · 1 can get the newsletter"],
  [0, {}, "0 people · 0 can get the newsletter"],
  [
    5,
    { subscribed: 5, reachable: 3, excluded: { unreachable: 1, "same-address": 1 } },
    "5 people · 3 can get the newsletter (1 unreachable, 1 with the address of another)",
  ],
  [
    4_000,
    { subscribed: 2_000, notSubscribed: 2_000, reachable: null, excluded: null },
    "4,000 people · 2,000 are subscribed (2,000 not subscribed)",
  ],
])("%s people, %j", (count, reach, words) => {
  expect(said(count, reach)).toBe(words);
});
