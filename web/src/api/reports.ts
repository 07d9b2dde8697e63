import { useQueries, useQuery } from "@tanstack/react-query";
import { useBackend } from "../backend";
import type { Backend } from "../firebase";
import { type Answer, call, type Request } from "./calls";

/** How old a report may be: it is a sum over much. */
const LATELY = 5 * 60_000;

export type Cohorts = Answer<"get_cohorts">;
export type Comparison = Answer<"compare_events">;
export type Growth = Answer<"get_growth">;

/** An answer to a question, asked anew when it is old; nothing is asked where there is no question. */
function useReport<Asked, Report>(
  name: string,
  asked: Asked | null,
  ask: (backend: Backend, asked: Asked) => Promise<Report>,
) {
  const backend = useBackend();
  return useQuery({
    queryKey: ["reports", name, asked],
    queryFn: () => ask(backend, asked as Asked), // it is enabled where there is one
    enabled: asked !== null,
    staleTime: LATELY,
    retry: false,
  });
}

export const useFigures = (asked: Request<"get_figures"> | null) =>
  useReport("figures", asked, (backend, data) => call(backend, "get_figures", data));

export const useCohorts = (asked: Request<"get_cohorts"> | null) =>
  useReport("cohorts", asked, (backend, data) => call(backend, "get_cohorts", data));

export const useGrowth = (asked: Request<"get_growth"> | null) =>
  useReport("growth", asked, (backend, data) => call(backend, "get_growth", data));

/** How many people were at each two of some events. */
export const useComparison = (eventIds: string[]) =>
  useReport("comparison", eventIds.length > 1 ? eventIds : null, (backend, ids) =>
    call(backend, "compare_events", { eventIds: ids }),
  );

/** The events that were last, to begin with. */
export function useLastEvents(count: number, ready: boolean) {
  const backend = useBackend();
  return useQuery({
    queryKey: ["reports", "last", count],
    queryFn: async () =>
      (await call(backend, "list_events", { when: "past", pageSize: count })).events,
    enabled: ready,
    staleTime: LATELY,
    retry: false,
  });
}

/** How many people are in each of some segments; undefined where that is not known yet. */
export function useCounts(segments: string[]) {
  const backend = useBackend();
  return useQueries({
    queries: segments.map((segment) => ({
      queryKey: ["reports", "count", segment],
      queryFn: async () => (await call(backend, "count_segment", { segment })).count,
      staleTime: LATELY,
      retry: false,
    })),
    combine: (found) => ({
      counts: found.map(({ data }) => data),
      error: found.find(({ error }) => error)?.error ?? null,
      refetch: () => Promise.all(found.filter((one) => one.error).map((one) => one.refetch())),
    }),
  });
}
