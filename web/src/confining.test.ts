import { expect, test } from "vitest";
import { policyOf, reachOf } from "./confining";

const policy = (used: Parameters<typeof reachOf>[0]) => policyOf(reachOf(used));

test("a page with passwords alone loads nothing from elsewhere", () => {
  expect(policy({ popups: null, sms: false, appCheck: false })).toBe(
    "script-src 'self'; frame-src 'none'; connect-src 'self'",
  );
});

test("windows of other providers need one script and this project's frame", () => {
  const text = policy({ popups: "https://demo.firebaseapp.com", sms: false, appCheck: false });
  expect(text).toContain("script-src 'self' https://apis.google.com/js/api.js");
  expect(text).toContain("frame-src https://demo.firebaseapp.com;");
  expect(text).not.toContain("recaptcha");
});

test.each([
  { sms: true, appCheck: false },
  { sms: false, appCheck: true },
])("reCAPTCHA is allowed by whole files, never by its host: %j", (used) => {
  const [scripts = ""] = policy({ popups: null, ...used }).split(";");
  expect(scripts).toContain("https://www.google.com/recaptcha/enterprise.js");
  expect(scripts.split(" ")).not.toContain("https://www.google.com");
  expect(scripts.split(" ")).not.toContain("https://www.google.com/recaptcha/");
});

test("tokens of App Check are fetched where there is App Check", () => {
  const host = "https://content-firebaseappcheck.googleapis.com";
  expect(policy({ popups: null, sms: false, appCheck: true })).toContain(host);
  expect(policy({ popups: null, sms: true, appCheck: false })).not.toContain(host);
});
