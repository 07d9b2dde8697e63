import { expect, test } from "vitest";
import { questionOf, readPinned } from "./views";

// It is the last day of October where the server is, and November where the organiser is.
const NIGHT = new Date("2026-10-31T23:30:00Z");

test.each([
  ["all", "UTC", ""],
  ["", "UTC", ""],
  ["new", "UTC", "first_order_at >= 2026-10-01"],
  ["new", "Europe/Berlin", "first_order_at >= 2026-11-01"],
  ["lapsed", "UTC", "last_order_at older than 365 days"],
  ["subscribed", "UTC", "marketing:subscribed"],
  ["k3b7xq", "UTC", "segment:k3b7xq"],
])("the view %j asks, in %s: %j", (view, zone, question) => {
  expect(questionOf(view, NIGHT, zone)).toBe(question);
});

test.each([
  [null, []],
  ["", []],
  ["no list", []],
  ["{}", []],
  ['["a",1,"b"]', ["a", "b"]],
])("of what the browser keeps, %j, these are views: %j", (kept, pinned) => {
  expect(readPinned(kept)).toEqual(pinned);
});
