import { expect, test } from "vitest";
import type { Consent } from "../../api/types";
import { decisionsOf, evidenceOf } from "./consents";

const record = (fields: Partial<Consent>): Consent => ({
  consentId: "c",
  address: "ada@example.com",
  userId: null,
  status: "unsubscribed",
  at: "2024-03-01T12:00:00Z",
  source: "staff",
  evidence: null,
  ...fields,
});

test("records of one decision are one, and of two are two", () => {
  const decisions = decisionsOf([
    record({ consentId: "1" }),
    record({ consentId: "2", address: null, userId: "u1" }),
    record({ consentId: "3", address: null }),
    record({ consentId: "4", at: "2024-02-01T12:00:00Z" }),
    record({ consentId: "5", evidence: "letter" }),
  ]);
  expect(decisions.map((one) => [one.consentId, one.of])).toEqual([
    ["1", ["ada@example.com", "account u1"]],
    ["4", ["ada@example.com"]],
    ["5", ["ada@example.com"]],
  ]);
});

test.each<[Consent["evidence"], string | null]>([
  [null, null],
  ["on the phone", "on the phone"],
  [{ orderId: "o1" }, "Order o1"],
  [{ source: "form", textVersion: "2" }, "source: form\ntextVersion: 2"],
  [{ orderId: "o1", note: "x" }, "orderId: o1\nnote: x"],
])("evidence %j is written as a text", (evidence, text) => {
  expect(evidenceOf(evidence)).toBe(text);
});
