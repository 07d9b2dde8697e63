import { Text } from "@mantine/core";
import type { SegmentNode } from "../api/types";
import { t } from "../words";
import { useReach } from "./reach";

/** How many people a segment has, how many of them can get the newsletter, and why not the others. */
export function Reach({ segment }: { segment: string | SegmentNode }) {
  const found = useReach(segment);
  if (!found) return null;
  const { people, subscribed, unsubscribed, notSubscribed } = found;
  const rest = [
    notSubscribed && t("segments.notSubscribed", { count: notSubscribed }),
    unsubscribed && t("segments.unsubscribed", { count: unsubscribed }),
  ].filter(Boolean);
  const why = rest.length ? ` (${rest.join(", ")})` : "";
  return (
    <Text data-testid="reach">
      {`${t("shared.people", { count: people })} · ${t("segments.reach", { count: subscribed })}${why}`}
    </Text>
  );
}
