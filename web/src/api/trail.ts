import { useInfiniteQuery } from "@tanstack/react-query";
import { useBackend } from "../backend";
import { call } from "./calls";

/** Of whom the audit trail is asked for: what was done to a person, or what an account did; else everything. */
export type TrailOf = { customerId: string } | { userId: string } | Record<string, never>;

/** The audit trail, the newest first, page by page. */
export function useTrail(of: TrailOf) {
  const backend = useBackend();
  const trail = useInfiniteQuery({
    queryKey: ["list_audit", "trail", of],
    queryFn: ({ pageParam }) => call(backend, "list_audit", { ...of, pageToken: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextPageToken,
    retry: false,
  });
  return { ...trail, entries: trail.data?.pages.flatMap((page) => page.entries) };
}
