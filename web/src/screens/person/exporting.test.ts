import { expect, test } from "vitest";
import { joined } from "./exporting";

test("the lists of an archive go on in its next part", () => {
  const first = { customer: { name: "Ada" }, orders: [1, 2], consents: [] };
  const second = { customer: { name: "Ada" }, orders: [3], mails: ["m"] };
  expect(joined(first, second)).toEqual({
    customer: { name: "Ada" },
    orders: [1, 2, 3],
    consents: [],
    mails: ["m"],
  });
  expect(first.orders).toEqual([1, 2]);
});
