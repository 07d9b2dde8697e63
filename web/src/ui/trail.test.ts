import { expect, test } from "vitest";
import { lastPlaceOf, visited } from "./trail";

test("the way back leads to what was asked last", () => {
  visited(0, "/", true);
  visited(1, "/customers?q=ada", true);
  visited(2, "/customers/1", true);
  visited(3, "/customers/2", true);
  expect(lastPlaceOf("/customers", 3)).toEqual({ back: -2, address: "/customers?q=ada" });
  expect(lastPlaceOf("/customers", 1)).toBeNull();
  expect(lastPlaceOf("/events", 3)).toBeNull();
});

test("what was ahead is gone once somebody goes elsewhere", () => {
  visited(1, "/customers?q=ada", true);
  visited(2, "/events", true);
  visited(1, "/tags", true);
  visited(2, "/segments", true);
  expect(lastPlaceOf("/events", 3)).toBeNull();
  expect(lastPlaceOf("/customers", 3)).toBeNull();
});

test("going back forgets nothing", () => {
  visited(1, "/customers?q=ada", true);
  visited(2, "/customers/1", true);
  visited(1, "/customers?q=ada", false);
  expect(lastPlaceOf("/customers", 2)?.back).toBe(-1);
});
