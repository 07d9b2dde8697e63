import { expect, test } from "vitest";
import type { SegmentNode } from "../api/types";
import { nodeOf, type Row, rowOf, type Simple } from "./builder";
import { begun, built, type Editing, followed, written } from "./editing";

const vip = { tag: "vip" };
const news = { marketing: "subscribed" };

const told = (segment: SegmentNode, text = JSON.stringify(segment)) => ({ segment, text });
const leaves = ({ simple }: Editing) => simple?.rows.map((row) => row.leaf);
const adding = ({ simple }: Editing, row: Row): Simple => {
  if (!simple) throw new Error("There is no builder.");
  return { ...simple, rows: [...simple.rows, row] };
};

test("a condition that is added before the first answer stays when that comes", () => {
  const first = begun("tag:vip", vip);
  const added = built(first, adding(first, rowOf({ tag: "" })));
  const after = followed(added, first.draft, told(vip));
  expect(leaves(after)).toEqual([vip, { tag: "" }]);
  const chosen = built(after, {
    how: "all",
    rows: after.simple?.rows.map((row) => (row.leaf.tag ? row : { ...row, leaf: news })) ?? [],
  });
  expect(chosen.draft).toEqual({ node: { all: [vip, news] } });
});

test("a condition that is filled in before the first answer is asked, and that answer is late", () => {
  const first = begun("tag:vip", vip);
  const added = built(first, adding(first, rowOf(news)));
  const after = followed(added, first.draft, told(vip));
  expect(after).toBe(added);
  expect(nodeOf(after.simple as Simple)).toEqual({ all: [vip, news] });
});

test("a condition that is not filled in asks nothing anew, and keeps nothing from being asked", () => {
  const first = begun("tag:vip", vip);
  const added = built(first, adding(first, rowOf({ attended: "" })));
  expect(added.draft).toBe(first.draft);
  const more = built(added, adding(added, rowOf(news)));
  expect(more.draft).toEqual({ node: { all: [vip, news] } });
});

test("the builder follows the text, and the text the builder", () => {
  const typed = written(begun("everyone", {}), "subscribed");
  const read = followed(typed, typed.draft, told(news));
  expect(leaves(read)).toEqual([news]);
  const added = built(read, adding(read, rowOf(vip)));
  const back = followed(added, added.draft, told({ all: [news, vip] }, "subscribed and tag:vip"));
  expect(back.text).toBe("subscribed and tag:vip");
  expect(back.simple).toBe(added.simple);
});

test("what is nested more deeply has no builder, and a question without JSON none yet", () => {
  const typed = written(begun("everyone", {}), "not (tag:vip and subscribed)");
  const nested = told({ not: { all: [vip, news] } });
  expect(followed(typed, typed.draft, nested).simple).toBeNull();
  expect(begun("tag:vip", null).simple).toBeNull();
});
