import type { SegmentNode } from "../api/types";
import { filled, type Group, groupOf, nodeOf, rowsIn } from "./builder";

/** What was asked last, in the form in which it was written: as text, or by the builder. */
export type Draft = { text: string } | { node: SegmentNode };

/** A question in both of its forms. The form that was not written in follows the one that was, once the
 * server has understood that. */
export interface Editing {
  text: string;
  group: Group | null;
  draft: Draft;
}

/** Begin with a question in both forms, where they are known. */
export function begun(text: string, node: SegmentNode | null): Editing {
  return { text, group: node && groupOf(node), draft: { text } };
}

/** Somebody wrote in the text. */
export const written = (state: Editing, text: string): Editing => ({
  ...state,
  text,
  draft: { text },
});

const same = (one: SegmentNode, other: SegmentNode) =>
  JSON.stringify(one) === JSON.stringify(other);

/** Somebody changed the builder. A condition that is not filled in yet stands there and asks nothing. */
export function built(state: Editing, group: Group): Editing {
  const node = nodeOf(group);
  const unchanged = state.group !== null && same(node, nodeOf(state.group));
  return { ...state, group, draft: unchanged ? state.draft : { node } };
}

/** The server has understood a draft: the other form follows, if that is still what is asked. Conditions that
 * are not filled in yet stay. */
export function followed(
  state: Editing,
  asked: Draft,
  told: { segment: SegmentNode; text: string },
): Editing {
  if (state.draft !== asked) return state;
  if ("node" in asked) return { ...state, text: told.text };
  if (state.group && same(nodeOf(state.group), told.segment)) return state;
  const unfilled = state.group ? rowsIn(state.group).filter((row) => !filled(row.leaf)) : [];
  const group = groupOf(told.segment);
  return { ...state, group: group && { ...group, items: [...group.items, ...unfilled] } };
}
