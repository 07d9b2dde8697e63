import { expect, test } from "vitest";
import type { SegmentNode } from "../api/types";
import { type Group, isGroup, newGroup, nodeOf, type Row, rowOf, rowsIn } from "./builder";
import { begun, built, type Editing, followed, written } from "./editing";

const vip = { tag: "vip" };
const news = { marketing: "subscribed" };

const told = (segment: SegmentNode, text = JSON.stringify(segment)) => ({ segment, text });
const leaves = ({ group }: Editing) =>
  group?.items.map((one) => (isGroup(one) ? "group" : one.leaf));
const adding = ({ group }: Editing, row: Row): Group => {
  if (!group) throw new Error("There is no builder.");
  return { ...group, items: [...group.items, row] };
};

test("a condition that is added before the first answer stays when that comes", () => {
  const first = begun("tag:vip", vip);
  const added = built(first, adding(first, rowOf({ tag: "" })));
  const after = followed(added, first.draft, told(vip));
  expect(leaves(after)).toEqual([vip, { tag: "" }]);
  const rows = after.group ? rowsIn(after.group) : [];
  const chosen = built(
    after,
    newGroup(
      "all",
      rows.map((row) => (row.leaf.tag ? row : { ...row, leaf: news })),
    ),
  );
  expect(chosen.draft).toEqual({ node: { all: [vip, news] } });
});

test("a condition that is filled in before the first answer is asked, and that answer is late", () => {
  const first = begun("tag:vip", vip);
  const added = built(first, adding(first, rowOf(news)));
  const after = followed(added, first.draft, told(vip));
  expect(after).toBe(added);
  expect(nodeOf(after.group as Group)).toEqual({ all: [vip, news] });
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
  expect(back.group).toBe(added.group);
});

test("what has no rows has no builder, and a question without JSON none yet", () => {
  const typed = written(begun("everyone", {}), "not not tag:vip");
  expect(followed(typed, typed.draft, told({ not: { not: vip } })).group).toBeNull();
  expect(begun("tag:vip", null).group).toBeNull();
});

test("a group that was added before the first answer stays where it is", () => {
  const first = begun("tag:vip", vip);
  const half = newGroup("any", [rowOf(news), rowOf({ tag: "" })]);
  const group = newGroup("all", [newGroup("any", [rowOf({ tag: "" })]), rowOf(vip)]);
  const added = built(first, group);
  expect(followed(added, first.draft, told(vip)).group).toBe(group);
  // What is typed later makes the rows anew; what is not filled in stays, at the end.
  const typed = written(built(first, half), "subscribed");
  const after = followed(typed, typed.draft, told(vip));
  expect(leaves(after)).toEqual([vip, { tag: "" }]);
});
