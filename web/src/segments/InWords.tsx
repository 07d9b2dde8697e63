import { Text } from "@mantine/core";
import { useEventNames } from "../api/events";
import { useOwnFields } from "../api/ownFields";
import { useSegments, useTagLabels } from "../api/queries";
import type { SegmentNode } from "../api/types";
import { eventLabel } from "../ui/EventParts";
import { eventsIn } from "./builder";
import { inWords } from "./describe";

/** What a segment says about people, in words, with names in the place of ids as they become known. */
export function InWords({ segment }: { segment: SegmentNode }) {
  const labels = useTagLabels();
  const events = useEventNames(eventsIn(segment));
  const saved = useSegments().data ?? [];
  const fields = useOwnFields(JSON.stringify(segment).includes('"field"'));
  const names = {
    tag: (id: string) => labels.get(id) ?? id,
    event: (id: string) => {
      const known = events.get(id);
      return known ? eventLabel(known) : id;
    },
    segment: (id: string) => saved.find((one) => one.segmentId === id)?.name ?? id,
    field: (name: string) => fields.find((one) => one.name === name)?.label ?? name,
  };
  return <Text data-testid="words">{inWords(segment, names)}</Text>;
}
