import type { Segment } from "../api/types";

/** The revision of a saved segment; the first one where it was last saved before there were any. */
export const revisionOf = (saved: Segment): number => saved.revision ?? 1;

/** Whether a segment was saved by somebody else since the revision that is being edited. What is known of
 * it may also be older than that: an own saving is answered before it is followed. */
export const changedMeanwhile = (base: number | null, saved: Segment | null): boolean =>
  base !== null && saved !== null && revisionOf(saved) > base;
