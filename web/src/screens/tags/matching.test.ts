import { expect, test } from "vitest";
import type { Tag } from "../../api/types";
import { matching, unitedWith } from "./matching";

const tag = (label: string, id = label.toLowerCase().replaceAll(" ", "-")): Tag => ({
  tag: id,
  label,
  customers: 1,
});

const TAGS = [tag("VIP"), tag("Very Early"), tag("Früh Bucher")];

test.each([
  ["", ["VIP", "Very Early", "Früh Bucher"]],
  ["v", ["VIP", "Very Early"]],
  [" early ", ["Very Early"]],
  ["FRUH", ["Früh Bucher"]],
  ["nothing", []],
])("a search for %j finds %j", (text, found) => {
  expect(matching(TAGS, text).map(({ label }) => label)).toEqual(found);
});

test.each([
  ["vip", "Very Early", "VIP"],
  ["  Very early", "VIP", "Very Early"],
  ["Vip", "VIP", null], // another spelling of itself
  ["New", "VIP", null],
])("the name %j for %s unites it with %s", (name, label, other) => {
  expect(unitedWith(TAGS, tag(label), name)?.label ?? null).toBe(other);
});
