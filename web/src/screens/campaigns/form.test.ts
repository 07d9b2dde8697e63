import { expect, test } from "vitest";
import type { Campaign } from "../../api/campaigns";
import { formOf, same, savedSegmentOf, toSave } from "./form";

const campaign = {
  name: "News",
  subject: "Hello",
  preview: "",
  from: "news@example.com",
  replyTo: null,
  body: { format: "markdown", source: "# Hello" },
  segment: { tag: "vip" },
} as unknown as Campaign;

test("a campaign is saved as it was read", () => {
  expect(toSave(formOf(campaign))).toEqual({
    name: "News",
    subject: "Hello",
    preview: null,
    from: "news@example.com",
    replyTo: null,
    body: { format: "markdown", source: "# Hello" },
    segment: { tag: "vip" },
  });
});

test("blanks around what is typed change nothing", () => {
  const form = formOf(campaign);
  expect(same(form, { ...form, name: " News ", replyTo: " " })).toBe(true);
  expect(same(form, { ...form, subject: "Hello you" })).toBe(false);
  expect(same(form, { ...form, segment: "tag:vip" })).toBe(false);
});

test("an empty text asks for everyone", () => {
  expect(toSave({ ...formOf(campaign), segment: " " }).segment).toBe("everyone");
});

test.each([
  [{ segment: "abc" }, "abc"],
  [{ tag: "vip" }, null],
  [{}, null],
  ["segment:abc", null],
])("the saved segment of %j is %j", (segment, id) => {
  expect(savedSegmentOf(segment)).toBe(id);
});
