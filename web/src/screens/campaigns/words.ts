import type { Campaign, CampaignState, PersonState, Problem } from "../../api/campaigns";
import { number, time } from "../../format";
import { language, t, wordsFor } from "../../words";
import { type Block, blockAt } from "./blocks";

export const stateInWords = (state: CampaignState): string => t(`campaigns.state.${state}`);

export const personState = (state: PersonState): string => t(`campaigns.person.${state}`);

/** Why somebody gets no mail, or did not get it; a code that has no words yet as it is. */
export const whyInWords = (reason: string): string =>
  wordsFor(`campaigns.why.${reason}`) ?? t("campaigns.why.other", { reason });

/** What the page says of a reason, and what the server says besides: its sentence, which is English, names what
 * the page does not know. */
const bothWords = (key: string, message: string): { said: string; more: string | null } => {
  const said = wordsFor(key);
  if (said === null || language() === "en") return { said: message || said || "", more: null };
  return { said, more: message || null };
};

/** Why a campaign stands still, and what to do. */
export const haltInWords = ({ reason, message }: Campaign) =>
  bothWords(`campaigns.halted.${reason}`, message ?? "");

/** What is wrong with a mail. */
export const problemInWords = ({ reason, message }: Problem) =>
  bothWords(`campaigns.problem.${reason}`, message);

/** Where in a campaign something is. */
export function placeInWords(at: string, blocks: Block[] | null): string {
  const [part = "", line] = at.split(":");
  if (part !== "body") return wordsFor(`campaigns.place.${part}`) ?? part;
  if (!line) return t("campaigns.place.body");
  const block = blocks && blockAt(blocks, Number(line));
  const found = blocks && block !== null ? blocks[block] : undefined;
  if (!found || block === null) return t("campaigns.place.line", { line });
  return t("campaigns.place.block", {
    number: block + 1,
    kind: t(`campaigns.block.${found.kind}`),
  });
}

/** When something happened to a campaign last, or will. */
export function whenInWords(campaign: Campaign): string {
  switch (campaign.state) {
    case "draft":
      return t("campaigns.when.changed", { time: time(campaign.updatedAt) });
    case "scheduled":
      return t("campaigns.when.scheduled", { time: time(campaign.scheduledAt) });
    case "preparing":
    case "sending":
    case "paused":
    case "halted":
      return t("campaigns.when.since", { time: time(campaign.startedAt ?? campaign.scheduledAt) });
    default:
      return time(campaign.finishedAt ?? campaign.updatedAt);
  }
}

/** How many have a campaign's mail, of how many; null where that is not known yet. */
export function countInWords({ state, counts, expected }: Campaign): string | null {
  if (state === "draft") return null;
  if (counts.audience) {
    const all = { accepted: number(counts.accepted), audience: number(counts.audience) };
    return t("campaigns.acceptedOf", all);
  }
  return expected === null ? null : t("campaigns.expected", { count: expected });
}

/** About how long something takes. */
export function durationInWords(seconds: number): string {
  if (seconds < 60) return t("campaigns.duration.minute");
  if (seconds < 3_600) return t("campaigns.duration.minutes", { count: Math.ceil(seconds / 60) });
  if (seconds < 172_800)
    return t("campaigns.duration.hours", { count: Math.ceil(seconds / 3_600) });
  return t("campaigns.duration.days", { count: Math.ceil(seconds / 86_400) });
}
