import { Badge } from "@mantine/core";
import type { CampaignState } from "../../api/campaigns";
import { stateInWords } from "./words";

const COLOURS: Record<CampaignState, string> = {
  draft: "gray",
  scheduled: "blue",
  preparing: "blue",
  sending: "blue",
  paused: "yellow",
  done: "teal",
  cancelled: "gray",
  missed: "red",
  halted: "red",
};

/** How far a campaign is, in words. */
export function StateBadge({ state }: { state: CampaignState }) {
  return (
    <Badge
      variant="dot"
      color={COLOURS[state]}
      tt="none"
      c="var(--mantine-color-text)"
      miw="max-content"
    >
      {stateInWords(state)}
    </Badge>
  );
}
