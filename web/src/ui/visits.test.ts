import { expect, test } from "vitest";
import { type Visits, visitedAt, visitsOf } from "./visits";

const HOUR = 3_600_000;
const NOW = 1_700_000_000_000;

test.each<[string, Visits | null, Visits]>([
  ["nobody was there", null, { seen: NOW, before: null }],
  ["a minute ago", { seen: NOW - 60_000, before: 5 }, { seen: NOW, before: 5 }],
  ["an hour ago", { seen: NOW - HOUR, before: 5 }, { seen: NOW, before: 5 }],
  ["the first visit goes on", { seen: NOW - HOUR, before: null }, { seen: NOW, before: null }],
  ["since yesterday", { seen: NOW - 20 * HOUR, before: 5 }, { seen: NOW, before: NOW - 20 * HOUR }],
  ["a clock that was put back", { seen: NOW + HOUR, before: 5 }, { seen: NOW, before: 5 }],
])("a visit: %s", (_said, kept, now) => {
  expect(visitedAt(kept, NOW)).toEqual(now);
  expect(visitedAt(now, NOW)).toEqual(now); // looked at again, nothing moves
});

test.each([
  [null, null],
  ["", null],
  ["{", null],
  ["{}", null],
  ["7", null],
  ['{"seen":"7"}', null],
  ['{"seen":7}', { seen: 7, before: null }],
  ['{"seen":7,"before":3}', { seen: 7, before: 3 }],
])("what is kept is read: %s", (text, visits) => {
  expect(visitsOf(text)).toEqual(visits);
});
