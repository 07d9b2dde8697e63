import { Text } from "@mantine/core";
import type { SegmentNode } from "../api/types";
import { inWords } from "./describe";
import { useNames } from "./names";

/** What a segment says about people, in words, with names in the place of ids as they become known. */
export function InWords({ segment }: { segment: SegmentNode }) {
  const names = useNames([segment]);
  return <Text data-testid="words">{inWords(segment, names)}</Text>;
}
