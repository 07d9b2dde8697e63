import { expect, test } from "vitest";
import type { Moment } from "../../api/types";
import { customerSince } from "./since";

const [OLD, MIDDLE, NEW] = ["2020-01-01T00:00:00Z", "2022-01-01T00:00:00Z", "2024-01-01T00:00:00Z"];

test.each<[Moment, Moment | null, (string | null)[], Moment]>([
  [NEW, OLD, [], OLD],
  [OLD, NEW, [], OLD],
  [OLD, null, [], OLD],
  [NEW, MIDDLE, [MIDDLE, OLD, null], OLD],
  [NEW, { toDate: () => new Date(OLD) }, [MIDDLE], { toDate: expect.any(Function) }],
])("made %s, first order %s, all orders %j: customer since %s", (createdAt, first, at, since) => {
  const orders = at.map((createdAt) => ({ createdAt }));
  expect(customerSince({ createdAt, firstOrderAt: first }, orders)).toEqual(since);
});
