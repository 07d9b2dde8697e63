import { Text } from "@mantine/core";
import { type CountedReach, reachInWords } from "./reach";

/** How many people a segment has, how many of them can get the newsletter, and why not the others. */
export function Reach({ counted }: { counted: CountedReach | undefined }) {
  return <Text data-testid="reach">{counted ? reachInWords(counted) : "…"}</Text>;
}
