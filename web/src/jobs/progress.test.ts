import { expect, test } from "vitest";
import type { Job } from "../api/types";
import { firstSeen, secondsLeft } from "./progress";

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + 1000 * seconds).toISOString();

const job = (done: number, total: number | null, startedAt: number, updatedAt: number) =>
  ({ state: "running", done, total, startedAt: at(startedAt), updatedAt: at(updatedAt) }) as Job;

test("a job takes as long still as it has got on since it was asked for", () => {
  const given = job(40, 100, 0, 20);
  expect(secondsLeft(given, firstSeen(given))).toBe(30);
});

test("of one that was taken up again, only what was seen counts", () => {
  const before = job(40, 100, 0, 4000);
  expect(secondsLeft(before, firstSeen(before))).toBeNull();
  expect(secondsLeft(job(50, 100, 0, 4010), firstSeen(before))).toBe(50);
});

test.each<[string, Job]>([
  ["no total", job(40, null, 0, 20)],
  ["a total that was too small", job(40, 30, 0, 20)],
  ["nothing done", job(0, 100, 0, 20)],
  ["no time gone", job(40, 100, 0, 0)],
  ["not begun", { ...job(0, 100, 0, 0), state: "queued" } as Job],
])("how long a job takes is not said with %s", (_why, given) => {
  expect(secondsLeft(given, firstSeen(given))).toBeNull();
});
