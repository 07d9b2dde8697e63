import { useQuery } from "@tanstack/react-query";
import { useBackend } from "../backend";
import { type Answer, call, type Request } from "./calls";
import { useCounting } from "./counts";

const MINUTE = 60_000;
const LATELY = 5 * MINUTE;

/** How many of those who bought last are shown. */
const LATEST = 5;

/** How many of the events that were last are shown. */
const LAST = 4;

/** The first rows of a list, whose pages may hold fewer than are asked for, even none. */
async function firstOf<Row>(
  count: number,
  page: (token: string | null) => Promise<{ rows: Row[]; nextPageToken: string | null }>,
): Promise<Row[]> {
  const found: Row[] = [];
  let token: string | null = null;
  do {
    const { rows, nextPageToken } = await page(token);
    found.push(...rows);
    token = nextPageToken;
  } while (token && found.length < count);
  return found.slice(0, count);
}

/** Who bought last, asked for again every minute. */
export function useLatestBuyers() {
  const backend = useBackend();
  return useQuery({
    queryKey: ["home", "latest"],
    queryFn: async () => {
      const sort = { by: "lastOrderAt", direction: "desc" } as const;
      const latest = await firstOf(LATEST, async (pageToken) => {
        const page = { segment: "everyone", sort, pageSize: LATEST, pageToken };
        const { customers, nextPageToken } = await call(backend, "query_segment", page);
        return { rows: customers, nextPageToken };
      });
      return latest.filter((one) => one.lastOrderAt !== null);
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
      const listed = (count: number, asked: Request<"list_events">) =>
        firstOf(count, async (pageToken) => {
          const page = { ...asked, pageSize: count, pageToken };
          const { events, nextPageToken } = await call(backend, "list_events", page);
          return { rows: events, nextPageToken };
        });
      const [next, last] = await Promise.all([
        listed(1, { when: "upcoming", order: "oldest", sales: true }),
        listed(LAST, { when: "past" }),
      ]);
      return { next: next[0] ?? null, last };
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
        call(backend, "list_campaigns", { pageSize: 100 }),
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
