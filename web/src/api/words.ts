/** Refusals of docs/calls.md in words for who looks at a page: where the server's own name fields, other
 * calls or commands, which are for who writes a program. */
export const WORDS: Record<string, string> = {
  held: "The person holds tickets for events that have not begun. Cancel the orders or wait; or tick the box below to erase all the same.",
  "two-users": "Both are registered users. Tick the box below if they are one person all the same.",
  "reason-personal":
    "Write why without the person's name, address, number or account: it is kept when the rest is gone.",
  "evidence-missing": "Write where and how the person agreed, and to which text.",
  "no-such-tag": "There is no such tag any more. Load the page again.",
  "tag-busy": "This tag is being renamed or deleted. Try again when that is done.",
  "no-such-segment": "A saved segment that is named here does not exist.",
  "segment-name-taken": "Another saved segment has this name: choose another one.",
  "no-such-event": "No order that counts names this event.",
  conflict: "Others are changing the same thing. Try again.",
  unavailable: "The service did not answer in time. Try again in a moment.",
  damaged: "Something that is stored is damaged. Tell who runs CRM-Lite.",
  internal: "This is a defect. Tell who runs CRM-Lite: the log says more.",
};
