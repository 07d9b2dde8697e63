import type { Job } from "../api/types";
import { number } from "../format";

const KINDS: Record<string, string> = {
  tag_segment: "Tag a segment",
  rename_tag: "Rename a tag",
  delete_tag: "Delete a tag",
  rebuild: "Look at all customers again",
  erasure: "Erase a person",
};

const STATES: Record<Job["state"], string> = {
  queued: "waiting",
  running: "under way",
  done: "done",
  failed: "failed",
};

const ERRORS: Record<string, string> = {
  cancelled: "cancelled",
  "tag-gone": "failed: the tag was renamed or deleted meanwhile",
  "tag-busy": "failed: the tag was being renamed or deleted",
  "orders-left": "failed: some orders could not be made anonymous; the log names them",
  internal: "failed by a defect; the log says more",
};

const RESULTS: Record<string, string> = {
  updated: "customers changed",
  unchanged: "were so already",
  full: "left out, for they have 100 tags",
  changed: "documents brought up to date, or to be",
  drifted: "customers not as they should be",
  failed: "documents that could not be looked at",
  understood: "orders and users understood",
  notUnderstood: "orders and users not understood (see quarantine)",
  orders: "orders made anonymous",
};

/** The kind of a job: what it does. */
export const kindOf = (job: Job): string => KINDS[job.kind] ?? job.kind;

/** The state of a job, or why it failed. */
export const stateOf = (job: Job): string =>
  job.error ? (ERRORS[job.error] ?? `failed (${job.error})`) : STATES[job.state];

/** The results of a job: how many there are of each. */
export const resultsOf = (job: Job): { words: string; count: number }[] =>
  Object.keys({ ...RESULTS, ...job.result })
    .map((name) => ({ name, words: RESULTS[name] ?? name, count: job.result[name] ?? 0 }))
    .filter(({ name, count }) => count > 0 || (name === "updated" && name in job.result))
    .map(({ words, count }) => ({ words, count }));

/** How much of a job is done, and of how much in all while that matters. */
export const amountOf = (job: Job): string =>
  job.total === null || job.state === "done"
    ? number(job.done)
    : `${number(job.done)} of ${number(job.total)}`;
