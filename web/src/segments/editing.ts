import type { SegmentNode } from "../api/types";
import { filled, nodeOf, rowsOf, type Simple } from "./builder";

/** What was asked last, in the form in which it was written: as text, or by the builder. */
export type Draft = { text: string } | { node: SegmentNode };

/** A question in both of its forms. The form that was not written in follows the one that was, once the
 * server has understood that. */
export interface Editing {
  text: string;
  simple: Simple | null;
  draft: Draft;
}

/** Begin with a question in both forms, where they are known. */
export function begun(text: string, node: SegmentNode | null): Editing {
  return { text, simple: node && rowsOf(node), draft: { text } };
}

/** Somebody wrote in the text. */
export const written = (state: Editing, text: string): Editing => ({
  ...state,
  text,
  draft: { text },
});

/** Somebody changed the builder. A condition that is not filled in yet stands there and asks nothing. */
export function built(state: Editing, simple: Simple): Editing {
  const node = nodeOf(simple);
  const before = state.simple && nodeOf(state.simple);
  const same = JSON.stringify(node) === JSON.stringify(before);
  return { ...state, simple, draft: same ? state.draft : { node } };
}

/** The server has understood a draft: the other form follows, if that is still what is asked. */
export function followed(
  state: Editing,
  asked: Draft,
  told: { segment: SegmentNode; text: string },
): Editing {
  if (state.draft !== asked) return state;
  if ("node" in asked) return { ...state, text: told.text };
  const unfilled = state.simple?.rows.filter((row) => !filled(row.leaf)) ?? [];
  const simple = rowsOf(told.segment);
  return { ...state, simple: simple && { ...simple, rows: [...simple.rows, ...unfilled] } };
}
