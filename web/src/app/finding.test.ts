import { expect, test } from "vitest";
import { isFirstSure, named } from "./finding";

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

const open = { isFetching: true };
const none = { isFetching: false, data: [] };
const some = { isFetching: false, data: ["one"] };

test.each([
  [[open, some], false], // something may come before it
  [[none, open], false],
  [[some, open, open], true],
  [[none, some, open], true],
  [[none, none], true],
  [[{ isFetching: true, data: ["one"] }, open], true], // asked for once more
  [[{ isFetching: false }, none], true], // failed
])("Enter leads to the first that is found as soon as it is sure: %j is %s", (kinds, sure) => {
  expect(isFirstSure(kinds)).toBe(sure);
});
