import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { useBackend } from "../backend";
import { call, Refused } from "./calls";
import type { EventRow } from "./types";

export type When = "past" | "upcoming";

const MINUTE = 60_000;

/** How many events are offered to choose from; who types more is offered others. Each is also counted. */
const OFFERED = 8;

/** The events that a text finds in the catalogue, by name, date or id; of no text, the newest. Null
 * where nothing is asked for. */
export function useFoundEvents(q: string | null): { events: EventRow[]; searching: boolean } {
  const backend = useBackend();
  const asked = q?.trim();
  const found = useQuery({
    queryKey: ["events", "found", asked],
    queryFn: () => {
      const data = { ...(asked && { q: asked }), pageSize: OFFERED };
      return call(backend, "list_events", data);
    },
    enabled: asked !== undefined,
    staleTime: MINUTE,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const searching = found.isFetching && (found.isPlaceholderData || !found.data);
  return { events: (asked !== undefined && found.data?.events) || [], searching };
}

/** How many events are shown at once. */
const PAGE = 25;

/** A list of the catalogue with what was sold, page by page: of those to come the next one first, else the newest. */
export function useEventList(q: string, when: When | null, pageSize = PAGE) {
  const backend = useBackend();
  const order = when === "upcoming" ? ("oldest" as const) : ("newest" as const);
  const asked = { ...(q && { q }), ...(when && { when }), order, sales: true, pageSize };
  return useInfiniteQuery({
    queryKey: ["events", "list", asked],
    queryFn: ({ pageParam }) => call(backend, "list_events", { ...asked, pageToken: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextPageToken,
    staleTime: MINUTE,
    retry: false,
  });
}

/** One event; null where the catalogue has none of this id. */
export function useEvent(eventId: string) {
  const backend = useBackend();
  return useQuery(eventQuery(backend, eventId));
}

/** What was sold of an event, day by day. */
export function useEventSales(eventId: string) {
  const backend = useBackend();
  return useQuery({
    queryKey: ["events", "sales", eventId],
    queryFn: async () => (await call(backend, "get_event_sales", { eventId })).sales,
    staleTime: MINUTE,
    retry: false,
  });
}

/** The names and dates of events by their ids, as they become known. */
export function useEventNames(eventIds: string[]): Map<string, EventRow> {
  const backend = useBackend();
  return useQueries({
    queries: eventIds.map((eventId) => eventQuery(backend, eventId)),
    combine: (found) =>
      new Map(found.flatMap(({ data }) => (data ? [[data.eventId, data] as const] : []))),
  });
}

const eventQuery = (backend: ReturnType<typeof useBackend>, eventId: string) => ({
  queryKey: ["events", "one", eventId],
  queryFn: async () => {
    if (!eventId.trim()) return null; // an address that names none
    try {
      return (await call(backend, "get_event", { eventId })).event;
    } catch (error) {
      if (error instanceof Refused && error.code === "functions/not-found") return null;
      throw error;
    }
  },
  staleTime: MINUTE,
  retry: false,
});
