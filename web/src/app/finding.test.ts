import { expect, test } from "vitest";
import { named } from "./finding";

const NAMES = ["Élan Berlin", "Berlin 2026", "Newsletter", "müller & söhne"];

test.each([
  ["elan", ["Élan Berlin"]],
  ["BER", ["Élan Berlin", "Berlin 2026"]],
  ["2026 berlin", ["Berlin 2026"]],
  ["sohne", ["müller & söhne"]],
  ["paris", []],
  ["  ", NAMES],
])("%s names %j", (text, found) => {
  expect(named(NAMES, text, (one) => one)).toEqual(found);
});
