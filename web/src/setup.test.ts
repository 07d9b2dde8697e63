import { expect, test } from "vitest";
import { settingsOf } from "./setup";

const SAID = {
  region: "europe-west1",
  timeZone: "Europe/Berlin",
  place: "/crm/",
  console: { signIn: [{ id: "password", label: null }], appCheckKey: "", sessionHours: 8 },
  emulators: null,
};

test("what the page says is taken as it is", () => {
  expect(settingsOf(JSON.stringify(SAID))).toEqual(SAID);
  expect(settingsOf(JSON.stringify({ ...SAID, place: "/" }))?.place).toBe("/");
});

test.each([
  null,
  undefined,
  "",
  "{",
  "[]",
  "null",
  "{}",
  JSON.stringify({ ...SAID, region: "" }),
  JSON.stringify({ ...SAID, timeZone: "Mars/Base" }),
  JSON.stringify({ ...SAID, place: "crm" }),
  JSON.stringify({ ...SAID, place: "/crm" }),
  JSON.stringify({ ...SAID, console: undefined }),
  JSON.stringify({ ...SAID, console: { ...SAID.console, signIn: [] } }),
  JSON.stringify({ ...SAID, console: { ...SAID.console, signIn: [{}] } }),
  JSON.stringify({ ...SAID, console: { ...SAID.console, sessionHours: "8" } }),
  JSON.stringify({ ...SAID, console: { ...SAID.console, appCheckKey: null } }),
])("what is missing or not understood is no settings: %s", (text) => {
  expect(settingsOf(text)).toBeNull();
});
