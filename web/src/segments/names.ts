import { useEventNames } from "../api/events";
import { useOwnFields } from "../api/ownFields";
import { useSegments, useTagLabels } from "../api/queries";
import type { SegmentNode } from "../api/types";
import { eventLabel } from "../ui/EventParts";
import { eventsIn } from "./builder";
import type { Names } from "./describe";

/** What stands for the event for which a rule acts (docs/rules.md); the catalogue has none of this id. */
export const THIS_EVENT = "this_event";

/** The names of what segments know by ids, as they become known. */
export function useNames(segments: SegmentNode[]): Names {
  const labels = useTagLabels();
  const named = segments.flatMap(eventsIn).filter((id) => id !== THIS_EVENT);
  const events = useEventNames([...new Set(named)]);
  const saved = useSegments().data ?? [];
  const fields = useOwnFields(JSON.stringify(segments).includes('"field"'));
  return {
    tag: (id) => labels.get(id) ?? id,
    event: (id) => {
      const known = events.get(id);
      return known ? eventLabel(known) : id;
    },
    segment: (id) => saved.find((one) => one.segmentId === id)?.name ?? id,
    field: (name) => fields.find((one) => one.name === name)?.label ?? name,
  };
}
