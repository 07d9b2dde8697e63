import { beforeEach, expect, test, vi } from "vitest";
import { Refused } from "./calls";
import { now } from "./deeds";

/** A window that tells who listens that the connection is lost. */
let surroundings: EventTarget;

beforeEach(() => {
  surroundings = new EventTarget();
  vi.stubGlobal("window", surroundings);
  vi.stubGlobal("navigator", { onLine: true });
});

const OPEN = "It may have been done all the same: look before you try again.";

test("what is done answers", async () => {
  expect(await now(async () => 7)).toBe(7);
});

test("without a connection nothing begins", async () => {
  vi.stubGlobal("navigator", { onLine: false });
  const work = vi.fn();
  await expect(now(work)).rejects.toThrow("There is no connection. Nothing was done.");
  expect(work).not.toHaveBeenCalled();
});

test("where the connection breaks, no further step begins", async () => {
  let go = () => {};
  const first = new Promise<void>((resolve) => {
    go = resolve;
  });
  const second = vi.fn();
  const ended = now(async (signal) => {
    await first;
    signal.throwIfAborted();
    second();
  });
  surroundings.dispatchEvent(new Event("offline"));
  await expect(ended).rejects.toThrow(`The connection broke off. ${OPEN}`);
  go();
  await first;
  expect(second).not.toHaveBeenCalled();
});

test.each([
  ["functions/internal", null, `It failed. ${OPEN}`],
  ["functions/deadline-exceeded", null, `It failed. ${OPEN}`],
  ["functions/unavailable", null, `It failed. ${OPEN}`],
  ["functions/unavailable", "unavailable", "It failed."],
  ["functions/not-found", "no-such-tag", "It failed."],
])("what an error leaves open is said: %s, %s", async (code, reason, message) => {
  const error = new Refused("It failed.", code, reason, null, {});
  const ended = now(() => Promise.reject(error));
  await expect(ended).rejects.toMatchObject({ message, code, reason });
});
