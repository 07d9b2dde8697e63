import { expect, test } from "vitest";
import type { Customer } from "../../api/types";
import { lookalikesOf, sameName } from "./lookalikes";

const person = (customerId: string, fields: Partial<Customer> = {}) =>
  ({ customerId, name: null, emails: [], contactEmail: null, ...fields }) as Customer;

test.each([
  ["Ada Byron", "ada  byron", true],
  ["Zoë Müller", "Zoe Muller", true],
  ["Byron, Ada", "Ada Byron", true],
  ["王 芳", "王 芳", true],
  ["Ada Byron", "Ada B.", false],
  ["Ada", null, false],
  [null, null, false],
])("%s and %s are called the same: %s", (one, other, same) => {
  expect(sameName(one, other)).toBe(same);
});

test("each is named once, with every reason, and nobody is their own double", () => {
  const ada = person("1", { name: "Ada Byron", emails: ["Ada@example.com"] });
  const claims = person("2", { name: "A", contactEmail: "ada@example.com" });
  const namesake = person("3", { name: "ADA BYRON" });
  const both = person("4", { name: "Ada Byron", contactEmail: "ada@example.com" });
  const stranger = person("5", { name: "Ada Byronson" });
  const likely = [{ customer: claims, reason: "unproven-address" as const }];
  const found = lookalikesOf(ada, likely, [ada, namesake, both, stranger, claims, both]);
  expect(found.map(({ customer, reasons }) => [customer.customerId, reasons])).toEqual([
    ["2", ["unproven-address", "same-address"]],
    ["3", ["same-name"]],
    ["4", ["same-address", "same-name"]],
  ]);
});
