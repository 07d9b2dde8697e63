import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../api/calls";
import type { Counted, SegmentNode } from "../api/types";
import { useBackend } from "../backend";
import { t } from "../words";

/** How many of a segment news can be mailed to, and why not the others. */
export interface Reached {
  subscribed: number;
  unsubscribed: number;
  notSubscribed: number;
  /** How many of the subscribed get mail; null where there are too many to look at each. */
  reachable: number | null;
  /** How many of them do not, by reason. */
  excluded: Record<string, number> | null;
}

export type CountedReach = Counted & { reach: Reached };

/** How many people a segment has, in both its forms, and how many of them mail reaches. */
export function useReach(segment: string | SegmentNode, ready = true) {
  const backend = useBackend();
  return useQuery({
    queryKey: ["count", "reach", segment],
    queryFn: () => call<CountedReach>(backend, "count_segment", { segment, reach: true }),
    enabled: ready,
    retry: false,
  });
}

/** "31 people · 12 can get the newsletter (17 not subscribed, 1 unsubscribed, 1 without address)" */
export function reachText(count: number, reach: Reached): string {
  const { reachable, subscribed, unsubscribed, notSubscribed, excluded } = reach;
  const people = t("shared.people", { count });
  if (!count) return people;
  const get =
    reachable === null
      ? t("people.reach.subscribed", { count: subscribed })
      : t("people.reach.get", { count: reachable });
  const others = [
    ["notSubscribed", notSubscribed],
    ["unsubscribed", unsubscribed],
    ["noAddress", excluded?.["no-address"]],
    ["unreachable", excluded?.unreachable],
    ["sameAddress", excluded?.["same-address"]],
  ] as const;
  const why = others.flatMap(([name, many]) =>
    many ? [t(`people.reach.${name}`, { count: many })] : [],
  );
  return `${people} · ${get}${why.length ? ` (${why.join(", ")})` : ""}`;
}

/** Whom of a segment news can be mailed to, once it is counted. */
export function Reach({ counted }: { counted: CountedReach | null }) {
  return (
    <Text size="sm" data-testid="reach" aria-live="polite">
      {counted ? reachText(counted.count, counted.reach) : "…"}
    </Text>
  );
}
