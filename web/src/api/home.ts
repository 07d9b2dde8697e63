import { useQuery } from "@tanstack/react-query";
import { useBackend } from "../backend";
import { type Answer, call } from "./calls";
import { useCounting } from "./counts";
import type { Customer } from "./types";

const MINUTE = 60_000;
const LATELY = 5 * MINUTE;

/** How many of those who bought last are shown. */
const LATEST = 5;

/** Who bought last, asked for again every minute. */
export function useLatestBuyers() {
  const backend = useBackend();
  return useQuery({
    queryKey: ["home", "latest"],
    queryFn: async (): Promise<Customer[]> => {
      const { customers } = await call(backend, "query_segment", {
        segment: "everyone",
        sort: { by: "lastOrderAt", direction: "desc" },
        pageSize: LATEST,
      });
      return customers.filter((one) => one.lastOrderAt !== null);
    },
    refetchInterval: MINUTE,
  });
}

/** How many people there are, are registered and get the newsletter. */
export function useTotals(ready: boolean) {
  const backend = useBackend();
  const counted = async (segment: string) =>
    (await call(backend, "count_segment", { segment })).count;
  return useQuery({
    queryKey: ["home", "totals"],
    queryFn: async () => {
      const [people, registered, subscribed] = await Promise.all(
        ["everyone", "registered", "subscribed"].map(counted),
      );
      return { people, registered, subscribed };
    },
    enabled: ready,
    refetchInterval: MINUTE,
  });
}

/** What is new since a moment. */
export function useNews(since: string, ready: boolean) {
  const backend = useBackend();
  return useQuery({
    queryKey: ["home", "news", since],
    queryFn: () => call(backend, "get_news", { since }),
    enabled: ready,
    refetchInterval: LATELY,
  });
}

/** What of the installation is done, and what is still to be. */
export function useSetupChecks(ready: boolean) {
  const backend = useBackend();
  return useQuery({
    queryKey: ["home", "setup"],
    queryFn: async () => (await call(backend, "get_setup")).checks,
    enabled: ready,
    staleTime: LATELY,
  });
}

/** The event that is next, with what it sold, and those that were last. */
export function useNearEvents(ready: boolean) {
  const backend = useBackend();
  return useQuery({
    queryKey: ["home", "events"],
    queryFn: async () => {
      const [next, last] = await Promise.all([
        call(backend, "list_events", {
          when: "upcoming",
          order: "oldest",
          sales: true,
          pageSize: 1,
        }),
        call(backend, "list_events", { when: "past", pageSize: 4 }),
      ]);
      return { next: next.events[0] ?? null, last: last.events };
    },
    enabled: ready,
    staleTime: LATELY,
    refetchInterval: LATELY,
  });
}

/** What may want somebody: of what can wait for staff. What only admins see is not asked for others. */
export interface Waiting {
  problems: number;
  failedJobs: number;
  campaigns: Answer<"list_campaigns">["campaigns"];
  rules: Answer<"list_rules">["rules"];
  requests: Answer<"list_requests">["requests"];
}

export function useWaiting(admin: boolean, ready: boolean) {
  const backend = useBackend();
  const count = useCounting();
  return useQuery({
    queryKey: ["home", "waiting", admin],
    queryFn: async (): Promise<Waiting> => {
      const [problems, failed, cancelled, { campaigns }, { rules }, asked] = await Promise.all([
        count({ from: "crmQuarantine" }),
        count({ from: "crmJobs", where: [["state", "==", "failed"]] }),
        count({ from: "crmJobs", where: [["error", "==", "cancelled"]] }), // by staff
        call(backend, "list_campaigns", { pageSize: 50 }),
        call(backend, "list_rules", { pageSize: 200 }),
        admin ? call(backend, "list_requests", { pageSize: 100 }) : null,
      ]);
      const requests = asked?.requests ?? [];
      return { problems, failedJobs: failed - cancelled, campaigns, rules, requests };
    },
    enabled: ready,
    refetchInterval: LATELY,
  });
}
