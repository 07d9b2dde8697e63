import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type * as made from "crm-lite-client";
import type { Audience, Problem, Results } from "crm-lite-client";
import { useBackend } from "../backend";
import type { Backend } from "../firebase";
import { t, wordsFor } from "../words";
import { type Answer, call, type Given, type Name, Refused, refusalOf } from "./calls";
import { isDocumentId } from "./ids";
import { useDocument, useDocuments } from "./live";
import { namesOf } from "./names";
import type { Live } from "./types";

export type { Audience, Problem, Results };
export type CampaignState = made.Campaign["state"];
export type PersonState = made.Recipient["state"];
export type Counts = made.CampaignCounts;
export type CampaignBody = made.Body;
export type Preview = made.CampaignPreview;
export type Saved = made.CampaignSaved;
export type Tried = made.CampaignTested;
export type SenderCheck = made.SenderJudged;

/** A campaign; `scheduledLocal` is of an answer alone, and what rules send came later than the oldest. */
export interface Campaign
  extends Omit<Live<made.Campaign>, "jobId" | "preparedAt" | "rule" | "scheduledLocal" | "scope"> {
  scheduledLocal?: string | null;
  rule?: string | null;
}

export interface Recipient extends made.Recipient {
  /** As the customer's document has it now; the callable does not answer it. */
  name?: string | null;
}

/** Call a callable of campaigns; what it refuses is said in the reader's language. */
export async function ask<Which extends Name>(
  backend: Backend,
  name: Which,
  ...data: Given<Which>
): Promise<Answer<Which>> {
  try {
    return await call(backend, name, ...data);
  } catch (error) {
    const { message, code, reason, column, details } = refusalOf(error);
    const told = reason && wordsFor(`campaigns.refused.${reason}`, details);
    throw new Refused(told ?? message, code, reason, column, details);
  }
}

/** States in which something is still to come of a campaign; there are few at a time. */
export const OPEN: CampaignState[] = [
  "draft",
  "scheduled",
  "preparing",
  "sending",
  "paused",
  "halted",
];

/** A campaign, followed. */
export function useCampaign(campaignId: string) {
  return useDocument<Campaign>(
    isDocumentId(campaignId) ? `crmCampaigns/${campaignId}` : null,
    "campaignId",
  );
}

/** The campaigns that are not over, followed. */
export function useOpenCampaigns() {
  return useDocuments<Campaign>(
    { from: "crmCampaigns", where: [["state", "in", OPEN]] },
    "campaignId",
  );
}

/** A page of at least this many rows, or the last one. */
const ROWS = 20;

/** Campaigns that are over, the newest first. `version` says when to ask again. */
export function usePastCampaigns(
  states: CampaignState[],
  byRules: boolean,
  version: string,
  ready: boolean,
) {
  const backend = useBackend();
  return useInfiniteQuery({
    queryKey: ["campaigns", states.join(), byRules, version],
    queryFn: async ({ pageParam }) => {
      const campaigns: Campaign[] = [];
      let pageToken: string | null = pageParam;
      do {
        const data = { pageSize: 50, pageToken, byRules };
        const page: Answer<"list_campaigns"> = await ask(backend, "list_campaigns", data);
        campaigns.push(...page.campaigns.filter((one) => states.includes(one.state)));
        pageToken = page.nextPageToken;
      } while (pageToken && campaigns.length < ROWS);
      return { campaigns, nextPageToken: pageToken };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextPageToken,
    placeholderData: (before, last) =>
      last?.queryKey[1] === states.join() && last.queryKey[2] === byRules ? before : undefined,
    enabled: ready,
    retry: false,
  });
}

/** A campaign's people, counted anew: what came back after it was over is not in its document. */
export function useCounts(campaign: Campaign): Counts {
  const backend = useBackend();
  const over = ["done", "cancelled", "halted", "paused"].includes(campaign.state);
  const { data } = useQuery({
    queryKey: ["campaign", campaign.campaignId, "counts", campaign.state],
    queryFn: () => ask(backend, "get_campaign", { campaignId: campaign.campaignId }),
    enabled: over,
    refetchInterval: 60_000,
    retry: false,
  });
  return (over && data?.campaign.counts) || campaign.counts;
}

/** The mail of a campaign's revision to somebody, with its audience and its problems. It reads the whole
 * audience. What stays while another revision comes is the same person's mail. */
export function usePreview(
  campaignId: string,
  revision: number,
  customerId: string | null,
  ready: boolean,
) {
  const backend = useBackend();
  return useQuery({
    queryKey: ["campaign", campaignId, "preview", customerId, revision],
    queryFn: () => ask(backend, "preview_campaign", { campaignId, customerId }),
    placeholderData: (before, last) =>
      last?.queryKey[1] === campaignId && last.queryKey[3] === customerId ? before : undefined,
    enabled: ready,
    staleTime: 60_000,
    retry: false,
  });
}

/** People with their names. */
async function named(backend: Backend, people: Recipient[]): Promise<Recipient[]> {
  const names = await namesOf(
    backend,
    people.flatMap((one) => one.customerId ?? []),
  );
  return people.map((one) => ({ ...one, name: names.get(one.customerId ?? "") ?? null }));
}

/** A campaign's people by name, page by page. `version` says when to ask again. */
export function useRecipients(
  campaignId: string,
  state: PersonState | null,
  version: string,
  moving: boolean,
) {
  const backend = useBackend();
  return useInfiniteQuery({
    queryKey: ["campaign", campaignId, "recipients", state, version],
    queryFn: async ({ pageParam }) => {
      const recipients: Recipient[] = [];
      let pageToken: string | null = pageParam;
      do {
        const data = { campaignId, state, pageSize: 50, pageToken };
        const page: Answer<"list_recipients"> = await ask(backend, "list_recipients", data);
        recipients.push(...page.recipients);
        pageToken = page.nextPageToken;
      } while (pageToken && recipients.length < ROWS);
      const people = await named(backend, recipients).catch((error) => {
        throw refusalOf(error);
      });
      return { recipients: people, nextPageToken: pageToken };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextPageToken,
    placeholderData: (before, last) =>
      last?.queryKey[1] === campaignId && last.queryKey[3] === state ? before : undefined,
    refetchInterval: (found) =>
      moving && (found.state.data?.pages.length ?? 0) <= 1 ? 5_000 : false,
    retry: false,
  });
}

/** What recipients did within some days after their mail. */
export function useResults(campaignId: string, days: number) {
  const backend = useBackend();
  return useQuery({
    queryKey: ["campaign", campaignId, "results", days],
    queryFn: () =>
      ask(backend, "get_campaign_results", { campaignId, days }).then(({ results }) => results),
    staleTime: 5 * 60_000,
    retry: false,
  });
}

/** How many seconds there are to take a campaign back after it was sent off; undefined until it is known. */
export function useUndoSeconds(): number | undefined {
  const backend = useBackend();
  type Answer = { settings: { mail: { undoSeconds: number } } };
  return useQuery({
    queryKey: ["settings"],
    queryFn: () => call<Answer>(backend, "get_settings"),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  }).data?.settings.mail.undoSeconds;
}

/** What a draft needs to be saved as a copy of a campaign. */
export const copyOf = (campaign: Campaign, name = copyName(campaign.name)) => ({
  name,
  subject: campaign.subject,
  preview: campaign.preview || null,
  body: campaign.body,
  segment: campaign.segment,
  from: campaign.from || null,
  replyTo: campaign.replyTo,
});

const copyName = (name: string) => t("campaigns.copyOf", { name }).slice(0, 100);
