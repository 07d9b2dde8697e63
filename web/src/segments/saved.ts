import { useQuery } from "@tanstack/react-query";
import { call } from "../api/calls";
import type { Segment } from "../api/types";
import { useBackend } from "../backend";
import { dateOf } from "../format";

const HOUR = 3_600_000;

/** The count of a saved segment; counted anew, and so kept for everybody, where nobody has for an hour. */
export function useSavedCount(segment: Segment | null, ready = true) {
  const backend = useBackend();
  const { segmentId, text, lastCountAt, lastCount } = segment ?? {};
  const old = !lastCountAt || Date.now() - dateOf(lastCountAt).getTime() > HOUR;
  const counting = useQuery({
    queryKey: ["count", segmentId, text],
    queryFn: () => call(backend, "count_segment", { segment: { segment: segmentId } }),
    enabled: segment !== null && ready && old,
    staleTime: HOUR,
    retry: false,
  });
  return {
    count: counting.data?.count ?? lastCount ?? null,
    counting: counting.isFetching,
    warnings: counting.data?.warnings ?? [],
  };
}

/** How many of a saved segment are subscribed to the newsletter, at most an hour old. */
export function useSubscribedCount({ segmentId, text }: Segment, ready = true): number | undefined {
  const backend = useBackend();
  return useQuery({
    queryKey: ["count", segmentId, text, "subscribed"],
    queryFn: () => {
      const segment = { all: [{ segment: segmentId }, { marketing: "subscribed" }] };
      return call(backend, "count_segment", { segment });
    },
    enabled: ready,
    staleTime: HOUR,
    retry: false,
  }).data?.count;
}
