import { expect, test } from "vitest";
import { drawn } from "./counts";

const counts = (days: number) =>
  Array.from({ length: days }, (_, at) => ({ day: `day ${at}`, count: at }));

test("few counts are all drawn", () => {
  expect(drawn(counts(5), 5)).toEqual(counts(5));
  expect(drawn([], 5)).toEqual([]);
});

test.each([6, 7, 99, 366])(
  "of %s counts as many are drawn as fit, evenly, the newest among them",
  (days) => {
    const found = drawn(counts(days), 5).map((one) => one.count);
    expect(found).toHaveLength(5);
    expect(found.at(-1)).toBe(days - 1);
    const apart = found.map((one, at) => one - (found[at - 1] ?? -1));
    expect(Math.max(...apart) - Math.min(...apart)).toBeLessThanOrEqual(1);
  },
);
