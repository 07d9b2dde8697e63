import { expect, test } from "vitest";
import "../../words/setup";
import type { Consent } from "../../api/types";
import { decisionsOf, orderOf, plainSource, proofOf, sourceOf } from "./consents";

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
    ["1", ["ada@example.com", "Account u1"]],
    ["4", ["ada@example.com"]],
    ["5", ["ada@example.com"]],
  ]);
});

test.each<[Partial<Consent>, string]>([
  [
    { source: "order", status: "subscribed", evidence: { orderId: "783" } },
    "opted in at checkout (order 783)",
  ],
  [{ source: "order", status: "subscribed" }, "opted in at checkout"],
  [{ source: "staff", status: "subscribed" }, "recorded by staff"],
  [{ source: "unsubscribe" }, "by the link in a newsletter"],
  [{ source: "carrier pigeon" }, "carrier pigeon"],
])("%j: %s", (fields, words) => {
  expect(sourceOf(record(fields))).toBe(words);
});

test("the way of what holds now is said without its order", () => {
  expect(plainSource("order")).toBe("opted in at checkout");
  expect(plainSource("import")).toBe("from an imported list");
});

test.each<[Consent["evidence"], ReturnType<typeof proofOf>]>([
  [null, []],
  ["on the phone", [{ label: null, text: "on the phone" }]],
  [{ orderId: "o1" }, []],
  [
    { source: "form", textVersion: "2", note: "x", box: "3" },
    [
      { label: "Source", text: "form" },
      { label: "Version of the text", text: "2" },
      { label: "Note", text: "x" },
      { label: "box", text: "3" },
    ],
  ],
])("evidence %j is said line by line", (evidence, lines) => {
  expect(proofOf(evidence)).toEqual(lines);
});

test("a decision that an order shows names it", () => {
  expect(orderOf({ evidence: { orderId: "o1" } })).toBe("o1");
  expect(orderOf({ evidence: "o1" })).toBeNull();
  expect(orderOf({ evidence: null })).toBeNull();
});
