import { useQuery } from "@tanstack/react-query";
import { call } from "../api/calls";
import type { SegmentNode } from "../api/types";
import { useBackend } from "../backend";

/** How many people a segment has, how many of them can get the newsletter, and why not the others. */
export interface Reached {
  people: number;
  subscribed: number;
  unsubscribed: number;
  notSubscribed: number;
}

/** Who of a segment can get the newsletter, once it is counted. */
export function useReach(segment: string | SegmentNode | null): Reached | undefined {
  const backend = useBackend();
  return useQuery({
    queryKey: ["count", "newsletter", segment],
    queryFn: async () => {
      const whose = typeof segment === "string" ? await understood(segment) : (segment ?? {});
      const ask = async (asked: SegmentNode) =>
        (await call(backend, "count_segment", { segment: asked })).count;
      const of = (marketing: string) => ask({ all: [whose, { marketing }] });
      const counts = await Promise.all([ask(whose), of("subscribed"), of("unsubscribed")]);
      const [people, subscribed, unsubscribed] = counts;
      const notSubscribed = Math.max(0, people - subscribed - unsubscribed);
      return { people, subscribed, unsubscribed, notSubscribed };
    },
    enabled: segment !== null,
    retry: false,
  }).data;

  async function understood(text: string): Promise<SegmentNode> {
    return (await call(backend, "count_segment", { segment: text })).segment;
  }
}
