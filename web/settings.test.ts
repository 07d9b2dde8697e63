import { expect, test } from "vitest";
import { settingsOf } from "./settings.ts";

const REGION = 'region = "europe-west1"\n';

test("what is not said has its default", () => {
  expect(settingsOf(REGION)).toEqual({
    region: "europe-west1",
    timeZone: "UTC",
    console: { signIn: [{ id: "password", label: null }], appCheckKey: "", sessionHours: 12 },
  });
});

test("ways to sign in are ids, with a label or without", () => {
  const desk = `${REGION}[console]
sign_in = [
  "google.com",
  { id = "saml.acme", label = "ACME" }, # theirs
]
session_hours = 8
app_check_key = "key"
`;
  expect(settingsOf(desk).console).toEqual({
    signIn: [
      { id: "google.com", label: null },
      { id: "saml.acme", label: "ACME" },
    ],
    appCheckKey: "key",
    sessionHours: 8,
  });
});

test.each([
  ["", "names no region"],
  [`${REGION}[console]\nsign_in = []`, "sign_in is empty"],
  [`${REGION}[console]\nsign_in = [1]`, "sign_in must be a text"],
  [`${REGION}[console]\nsession_hours = "8"`, "session_hours is no number"],
])("what is wrong stops the build: %j", (toml, said) => {
  expect(() => settingsOf(toml)).toThrow(said);
});
