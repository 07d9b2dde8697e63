import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type * as made from "crm-lite-client";
import { useBackend } from "../backend";
import { askingIn } from "./asking";
import type { Answer, Request } from "./calls";
import type { Campaign } from "./campaigns";
import { useDocuments } from "./live";
import { namesOf } from "./names";

export type Rule = made.Rule;
export type RulePreview = made.RulePreview;
export type RuleEvent = made.RuleEvent;

/** A rule as `save_rule` takes it, without what says over which one it is saved. */
export type RuleRequest = Omit<Request<"save_rule">, "ruleId" | "revision" | "waiting">;

/** What a rule did, with the name of on whom. */
export interface RuleRun extends made.RuleRun {
  name: string | null;
}

/** Call a callable of rules; what it refuses is said in the reader's language. */
export const ask = askingIn("rules");

const OFTEN = 30_000; // milliseconds: a rule acts every five minutes

/** All rules, the oldest first, with on how many each has acted by now. */
export function useRules() {
  const backend = useBackend();
  return useQuery({
    queryKey: ["rules"],
    queryFn: async () => {
      const rules: Rule[] = [];
      let pageToken: string | null = null;
      do {
        const page: Answer<"list_rules"> = await ask(backend, "list_rules", {
          pageSize: 200,
          pageToken,
        });
        rules.push(...page.rules);
        pageToken = page.nextPageToken;
      } while (pageToken);
      return rules;
    },
    refetchInterval: OFTEN,
  });
}

/** What a rule did, the latest first, page by page. */
export function useRuleRuns(ruleId: string) {
  const backend = useBackend();
  return useInfiniteQuery({
    queryKey: ["rules", ruleId, "runs"],
    queryFn: async ({ pageParam }) => {
      const { runs, nextPageToken } = await ask(backend, "list_rule_runs", {
        ruleId,
        pageSize: 50,
        pageToken: pageParam,
      });
      const ids = runs.flatMap((one) => one.customerId ?? []);
      // What a rule did is worth more than what the people are called.
      const names = await namesOf(backend, ids).catch(() => new Map<string, string | null>());
      const named = runs.map((one) => ({ ...one, name: names.get(one.customerId ?? "") ?? null }));
      return { runs: named as RuleRun[], nextPageToken };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextPageToken,
  });
}

/** The campaigns that a rule has sent, the newest first, page by page. */
export function useRuleCampaigns(ruleId: string) {
  const backend = useBackend();
  return useInfiniteQuery({
    queryKey: ["rules", ruleId, "campaigns"],
    queryFn: ({ pageParam }) =>
      ask(backend, "list_campaigns", { rule: ruleId, pageSize: 50, pageToken: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextPageToken,
  });
}

/** The drafts whose text a rule can send, followed; undefined until they are known. */
export function useDrafts(): Campaign[] | undefined {
  const { data } = useDocuments<Campaign>(
    { from: "crmCampaigns", where: [["state", "==", "draft"]] },
    "campaignId",
  );
  return data?.filter((one) => !one.rule).sort((one, other) => one.name.localeCompare(other.name));
}
