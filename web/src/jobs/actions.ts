import type { Job, Role } from "../api/types";

interface Rule {
  /** Who may cancel and retry it. */
  role: Role;
  cancellable: boolean;
}

/** As docs/operating.md, "Cancelling and retrying", says; the server decides it anyway. The sending of a campaign is
 * stopped and taken up on the campaign's own page. */
const RULES: Record<string, Rule> = {
  tag_segment: { role: "editor", cancellable: true },
  rename_tag: { role: "editor", cancellable: false },
  delete_tag: { role: "editor", cancellable: true },
  rule: { role: "editor", cancellable: true },
  rebuild: { role: "admin", cancellable: true },
  erasure: { role: "admin", cancellable: false },
  import_contacts: { role: "admin", cancellable: true },
  undo_import: { role: "admin", cancellable: true },
};

/** Whether a job is at its end, well or not. */
export const isOver = (job: Job): boolean => job.state === "done" || job.state === "failed";

/** What the reader may do to a job, if anything. */
export function actionOf(job: Job, may: (role: Role) => boolean): "cancel" | "retry" | null {
  const rule = RULES[job.kind];
  if (!rule || !may(rule.role)) return null;
  if (job.state === "failed") return "retry";
  return rule.cancellable && !isOver(job) ? "cancel" : null;
}
