import { useInfiniteQuery } from "@tanstack/react-query";
import type { PrivacyRequest } from "crm-lite-client";
import { call } from "../../api/calls";
import { useBackend } from "../../backend";

/** As many as a call answers. */
const PAGE = 200;

/** So many pages are fetched by themselves: what is open can be older than what is done. */
const BY_ITSELF = 5;

/** What was asked for of people's data. */
export function useRequests() {
  const backend = useBackend();
  const list = useInfiniteQuery({
    queryKey: ["list_requests"],
    queryFn: async ({ pageParam }) => {
      const requests: PrivacyRequest[] = [];
      let pageToken = pageParam;
      for (let calls = 0; calls < BY_ITSELF; calls += 1) {
        const page = await call(backend, "list_requests", { pageSize: PAGE, pageToken });
        requests.push(...page.requests);
        pageToken = page.nextPageToken;
        if (!pageToken) break;
      }
      return { requests, next: pageToken };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    staleTime: 0,
    retry: false,
  });
  return {
    ...list,
    requests: list.data && inOrder(list.data.pages.flatMap((one) => one.requests)),
  };
}

const STATES = ["open", "running", "done"];

/** What waits for somebody first, what is due first before the others; then what is done, the newest first. */
export function inOrder(requests: PrivacyRequest[]): PrivacyRequest[] {
  const due = (one: PrivacyRequest) => (one.state === "open" && one.dueAt) || "";
  return [...requests].sort(
    (one, other) =>
      STATES.indexOf(one.state) - STATES.indexOf(other.state) ||
      due(one).localeCompare(due(other)) ||
      other.at.localeCompare(one.at),
  );
}
