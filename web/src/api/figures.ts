import { useQuery } from "@tanstack/react-query";
import { useBackend } from "../backend";
import { call } from "./calls";

/** How old the figures of a page may be: they are sums over many orders. */
const LATELY = 5 * 60_000;

/** The figures of the months between two days, both included. */
export function useMonthlyFigures(from: string, to: string, ready = true) {
  const backend = useBackend();
  return useQuery({
    queryKey: ["figures", "month", from, to],
    queryFn: () => call(backend, "get_figures", { from, to, by: "month" }),
    enabled: ready,
    staleTime: LATELY,
    refetchInterval: LATELY,
    placeholderData: (before) => before,
  });
}

/** The zone whose days the organiser's are, once it is known; asked for when it is time. */
export function useTimeZone(ready = true): string | undefined {
  const backend = useBackend();
  const today = new Date().toISOString().slice(0, 10);
  return useQuery({
    queryKey: ["figures", "zone"],
    queryFn: () =>
      call(backend, "get_figures", { from: today, to: today, by: "day" }).then(
        ({ timeZone }) => timeZone,
      ),
    enabled: ready,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  }).data;
}
