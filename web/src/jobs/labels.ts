import type { Job, Role } from "../api/types";

interface Kind {
  label: string;
  /** Who may cancel and retry it. */
  role: Role;
  stoppable: boolean;
}

/** As docs/how-it-works.md, "Cancelling and retrying", says; the server decides it anyway. */
const KINDS: Record<string, Kind> = {
  tag_segment: { label: "Tag a segment", role: "editor", stoppable: true },
  rename_tag: { label: "Rename a tag", role: "editor", stoppable: false },
  delete_tag: { label: "Delete a tag", role: "editor", stoppable: true },
  rebuild: { label: "Look at all customers again", role: "admin", stoppable: true },
  erasure: { label: "Erase a person", role: "admin", stoppable: false },
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
  orders: "orders made anonymous",
};

export const kindOf = (job: Job): string => KINDS[job.kind]?.label ?? job.kind;

export const isOver = (job: Job): boolean => job.state === "done" || job.state === "failed";

/** What can be done to a job by whoever has the role. */
export function actionOf(job: Job, may: (role: Role) => boolean): "cancel" | "retry" | null {
  const kind = KINDS[job.kind];
  if (!kind || !may(kind.role)) return null;
  if (job.state === "failed") return "retry";
  return kind.stoppable && !isOver(job) ? "cancel" : null;
}

/** How it stands with a job: its state, and why it failed. */
export const stateOf = (job: Job): string =>
  job.error ? (ERRORS[job.error] ?? `failed (${job.error})`) : STATES[job.state];

/** What came of a job: what there is of each, in words. */
export const resultsOf = (job: Job): { words: string; count: number }[] =>
  Object.keys({ ...RESULTS, ...job.result })
    .map((name) => ({ name, words: RESULTS[name] ?? name, count: job.result[name] ?? 0 }))
    .filter(({ name, count }) => count > 0 || (name === "updated" && name in job.result))
    .map(({ words, count }) => ({ words, count }));

/** How much of it is done, of what there is in all while that matters. */
export const amountOf = (job: Job, write: (count: number) => string): string =>
  job.total === null || job.state === "done"
    ? write(job.done)
    : `${write(job.done)} of ${write(job.total)}`;
