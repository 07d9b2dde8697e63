import { useQuery } from "@tanstack/react-query";
import type { Reach } from "crm-lite-client";
import { call } from "../api/calls";
import type { Counted, SegmentNode } from "../api/types";
import { useBackend } from "../backend";
import { t } from "../words";

export type Reached = Reach;

/** A segment that was counted, with how many of it the newsletter reaches. */
export type CountedReach = Counted & { reach: Reach };

/** How long a count of a saved segment is shown again, in milliseconds. */
const HOUR = 3_600_000;

/** Count a segment and whom of it the newsletter reaches, when it is time. Counting a saved one by its id keeps
 * the count for everybody; `version` says what it asks, for that can change. */
export function useReach(
  segment: string | SegmentNode | null,
  version?: string,
  ready = true,
): { data: CountedReach | undefined; counting: boolean } {
  const backend = useBackend();
  const found = useQuery({
    queryKey: ["count", "reach", segment, version],
    queryFn: async () => {
      const counted = await call(backend, "count_segment", { segment: segment ?? "", reach: true });
      return counted as CountedReach; // it is asked for
    },
    enabled: segment !== null && ready,
    staleTime: version ? HOUR : undefined,
    retry: false,
  });
  return { data: found.data, counting: found.isFetching };
}

/** How many get the newsletter, as far as is known. */
export const reachOf = ({ reachable, subscribed }: Reached): number => reachable ?? subscribed;

/** How many people there are, how many can get the newsletter, and why not the others, in words. */
export function reachInWords({ count, reach }: CountedReach): string {
  const { "no-address": noAddress = 0, unreachable = 0, ...more } = reach.excluded ?? {};
  const same = more["same-address"] ?? 0;
  const why = [
    reach.notSubscribed && t("segments.notSubscribed", { count: reach.notSubscribed }),
    reach.unsubscribed && t("segments.unsubscribed", { count: reach.unsubscribed }),
    noAddress && t("segments.withoutAddress", { count: noAddress }),
    unreachable && t("segments.unreachable", { count: unreachable }),
    same && t("segments.sameAddress", { count: same }),
  ].filter(Boolean);
  const people = t("shared.people", { count });
  // Where nobody has looked at each, no more is known than that they are subscribed.
  const can =
    reach.reachable === null
      ? t("people.subscribedCount", { count: reach.subscribed })
      : t("segments.reach", { count: reach.reachable });
  return `${people} · ${can}${why.length ? ` (${why.join(", ")})` : ""}`;
}
