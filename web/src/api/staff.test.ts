import { expect, test } from "vitest";
import { isLastAdmin, ranked, type StaffMember } from "./staff";

const member = (email: string, role: StaffMember["role"], more: Partial<StaffMember> = {}) =>
  ({
    uid: email,
    email,
    name: null,
    role,
    verified: true,
    disabled: false,
    ...more,
  }) as StaffMember;

test("the highest role is first, then the address", () => {
  const given = [
    member("z@x.de", "viewer"),
    member("b@x.de", "admin"),
    member("c@x.de", "editor"),
    member("a@x.de", "admin"),
  ];
  expect(ranked(given).map(({ email }) => email)).toEqual(["a@x.de", "b@x.de", "c@x.de", "z@x.de"]);
});

test.each<[string, Partial<StaffMember> | null, boolean]>([
  ["nobody else", null, true],
  ["another admin", {}, false],
  ["one whose address nobody verified", { verified: false }, true],
  ["one who cannot sign in", { disabled: true }, true],
  ["an editor", { role: "editor" }, true],
])("the reader is the last admin beside %s", (_who, more, last) => {
  const others = more ? [member("b@x.de", "admin", more)] : [];
  expect(isLastAdmin([member("a@x.de", "admin"), ...others])).toBe(last);
});
