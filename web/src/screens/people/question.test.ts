import { expect, test } from "vitest";
import type { Asked } from "../../people/asking";
import { NEWEST, sortOf } from "../../people/sorting";
import { addressOf, askedOf, segmentOf, type Typed, typedIn } from "./question";

const ALL: Typed = { view: "all", segment: "", q: "" };

test.each<[string, Partial<Typed>]>([
  ["", {}],
  ["view=lapsed", { view: "lapsed" }],
  ["view=k3b7xq&q=ada", { view: "k3b7xq", q: "ada" }],
  ["segment=tag%3Avip", { segment: "tag:vip" }],
  ["segment=tag%3Avip&q=ada", { segment: "tag:vip", q: "ada" }],
])("the address %j asks this, and is written so again", (address, asked) => {
  const typed = typedIn(new URLSearchParams(address));
  expect(typed).toEqual({ ...ALL, ...asked });
  expect(addressOf(typed, NEWEST, null)).toBe(address);
});

test("a question is no view, whatever the address says beside it", () => {
  const typed = typedIn(new URLSearchParams("view=lapsed&segment=tag:vip"));
  expect(typed).toEqual({ ...ALL, segment: "tag:vip" });
});

test("the order and the columns stand in the address where they are not the usual ones", () => {
  const spend = sortOf("totalSpend.EUR.asc");
  expect(addressOf(ALL, NEWEST, null)).toBe("");
  expect(addressOf(ALL, spend, ["tags", "since"])).toBe(
    "sort=totalSpend.EUR.asc&columns=tags%2Csince",
  );
  expect(addressOf(ALL, NEWEST, [])).toBe("columns=none");
});

test.each<[Partial<Typed>, Asked]>([
  [{}, { kind: "everyone" }],
  [{ q: "  " }, { kind: "everyone" }],
  [{ q: " ada " }, { kind: "search", text: "ada" }],
  [{ view: "subscribed" }, { kind: "segment", segment: "marketing:subscribed" }],
  [{ segment: " tag:vip " }, { kind: "segment", segment: "tag:vip" }],
  [
    { view: "lapsed", q: "ada" },
    { kind: "search", text: "ada", segment: "last_order_at older than 365 days" },
  ],
  [
    { segment: "tag:vip", q: "ada" },
    { kind: "search", text: "ada", segment: "tag:vip" },
  ],
])("%j asks for %j", (typed, asked) => {
  expect(askedOf({ ...ALL, ...typed })).toEqual(asked);
});

test("a question goes before a view", () => {
  expect(segmentOf({ ...ALL, view: "lapsed", segment: "tag:vip" })).toBe("tag:vip");
});
