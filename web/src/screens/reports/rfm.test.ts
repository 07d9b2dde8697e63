import { expect, test } from "vitest";
import { boundsOf, GROUPS, type Group, segmentOf, USUAL } from "./rfm";

test.each<[Group, string]>([
  ["champions", "last_order_at within 180 days and order_count >= 4"],
  ["loyal", "last_order_at within 180 days and order_count >= 2, < 4"],
  ["new", "last_order_at within 180 days and order_count = 1"],
  ["atRisk", "last_order_at older than 180 days, within 365 days and order_count >= 2"],
  ["cooling", "last_order_at older than 180 days, within 365 days and order_count = 1"],
  ["lostRegulars", "last_order_at older than 365 days and order_count >= 2"],
  ["lost", "last_order_at older than 365 days and order_count = 1"],
  ["never", "order_count = 0"],
])("the segment of %s is %s", (group, text) => {
  expect(segmentOf(group, USUAL)).toBe(text);
});

test("where money plays a part, who has spent less than a champion is loyal", () => {
  const bounds = { ...USUAL, spend: { minor: 10050, currency: "EUR" } };
  const best = "order_count >= 4 and total_spend >= 100.50 EUR";
  expect(segmentOf("champions", bounds)).toBe(`last_order_at within 180 days and ${best}`);
  expect(segmentOf("loyal", bounds)).toBe(
    `last_order_at within 180 days and order_count >= 2 and not (${best})`,
  );
  const rest = GROUPS.filter((one) => one !== "champions" && one !== "loyal");
  expect(rest.map((one) => segmentOf(one, bounds))).toEqual(
    rest.map((one) => segmentOf(one, USUAL)),
  );
  const yen = { ...USUAL, spend: { minor: 9000, currency: "JPY" } };
  expect(segmentOf("champions", yen)).toContain("total_spend >= 9000 JPY");
});

const TYPED = { recent: "180", gone: "365", often: "4", spend: "", currency: "EUR" };

test.each([
  [{}, USUAL],
  [
    { recent: "30", gone: "90", often: "2" },
    { recent: 30, gone: 90, often: 2, spend: null },
  ],
  [{ spend: "99.9" }, { ...USUAL, spend: { minor: 9990, currency: "EUR" } }],
  [
    { spend: "5000", currency: "JPY" },
    { ...USUAL, spend: { minor: 5000, currency: "JPY" } },
  ],
  [{ recent: "" }, null],
  [{ recent: "0" }, null],
  [{ recent: "365" }, null], // there is nothing between
  [{ gone: "36501" }, null],
  [{ often: "1" }, null],
  [{ often: "x" }, null],
  [{ spend: "much" }, null],
  [{ spend: "0" }, null],
  [{ spend: "5", currency: "EURO" }, null],
])("what is typed, %j, bounds %j", (typed, bounds) => {
  expect(boundsOf({ ...TYPED, ...typed })).toEqual(bounds);
});
