import { expect, test } from "vitest";
import type { Job, Role } from "../api/types";
import { actionOf, isOver } from "./actions";

const job = (kind: string, state: Job["state"]) => ({ kind, state }) as Job;

const editor = (role: Role) => role !== "admin";
const viewer = (role: Role) => role === "viewer";
const admin = () => true;

test.each<[string, Job["state"], "cancel" | "retry" | null, "cancel" | "retry" | null]>([
  ["tag_segment", "queued", "cancel", "cancel"],
  ["tag_segment", "running", "cancel", "cancel"],
  ["tag_segment", "failed", "retry", "retry"],
  ["tag_segment", "done", null, null],
  ["delete_tag", "running", "cancel", "cancel"],
  ["rename_tag", "running", null, null],
  ["rename_tag", "failed", "retry", "retry"],
  ["rebuild", "running", null, "cancel"],
  ["rebuild", "failed", null, "retry"],
  ["erasure", "running", null, null],
  ["erasure", "failed", null, "retry"],
  ["rule", "running", "cancel", "cancel"],
  ["import_contacts", "running", null, "cancel"],
  ["undo_import", "failed", null, "retry"],
  ["send_campaign", "failed", null, null],
  ["of a later version", "failed", null, null],
])("a job of kind %s that is %s: an editor may %s, an admin %s", (kind, state, one, other) => {
  expect(actionOf(job(kind, state), editor)).toBe(one);
  expect(actionOf(job(kind, state), admin)).toBe(other);
  expect(actionOf(job(kind, state), viewer)).toBeNull();
});

test("a job is over when it is done or has failed", () => {
  const states: Job["state"][] = ["queued", "running", "done", "failed"];
  expect(states.filter((state) => isOver(job("erasure", state)))).toEqual(["done", "failed"]);
});
