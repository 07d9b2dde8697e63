import type { PrivacyRequest } from "crm-lite-client";
import { expect, test } from "vitest";
import { inOrder } from "./requests";

const request = (requestId: string, state: PrivacyRequest["state"], at: string, dueAt?: string) =>
  ({ requestId, state, at, dueAt: dueAt ?? null }) as PrivacyRequest;

test("what waits is first, the most urgent before the others; then the newest", () => {
  const given = [
    request("done-late", "done", "2026-05-03T00:00:00Z", "2026-01-01T00:00:00Z"),
    request("open-late", "open", "2026-05-02T00:00:00Z", "2026-06-02T00:00:00Z"),
    request("running", "running", "2026-05-01T00:00:00Z"),
    request("done-early", "done", "2026-01-01T00:00:00Z"),
    request("open-early", "open", "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z"),
  ];
  expect(inOrder(given).map((one) => one.requestId)).toEqual([
    "open-early",
    "open-late",
    "running",
    "done-late",
    "done-early",
  ]);
});
