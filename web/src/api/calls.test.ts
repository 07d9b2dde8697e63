import { FirebaseError } from "firebase/app";
import { expect, test } from "vitest";
import en from "../words/en.json";
import { refusalOf } from "./calls";

const refused = (reason: string, message: string) =>
  refusalOf(Object.assign(new FirebaseError("functions/x", message), { details: { reason } }));

test("a refusal is said in words of the page where the server's are a programmer's", () => {
  const { message, reason } = refused("held", "An admin may go on with force: true.");
  expect(reason).toBe("held");
  expect(message).toBe(en.refusals.reasons.held);
});

test("any other refusal is said as the server says it", () => {
  expect(refused("name-invalid", "Choose another name. [400]").message).toBe(
    "Choose another name.",
  );
});

test("no words of the page are a programmer's", () => {
  for (const words of Object.values(en.refusals.reasons))
    expect(words).not.toMatch(/`|_|: (true|false)|python/);
});
