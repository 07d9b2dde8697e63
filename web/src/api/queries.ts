import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
  collection,
  doc,
  getDocs,
  limit,
  orderBy,
  type QueryDocumentSnapshot,
  query,
  startAfter,
} from "firebase/firestore";
import { useEffect, useMemo, useRef } from "react";
import { useBackend } from "../backend";
import type { Backend } from "../firebase";
import { call, refusalOf } from "./calls";
import { useDocument, useDocuments } from "./live";
import type { Customer, CustomersPage, Job, Segment, Tag } from "./types";

const PAGE = 50;

/** Which customers a list shows: who bought last, whom a search finds, or a segment's. */
export type Asked =
  | { kind: "latest" }
  | { kind: "search"; text: string }
  | { kind: "segment"; text: string };

export interface CustomersChunk {
  customers: Customer[];
  next: string | QueryDocumentSnapshot | null;
}

export async function customersPage(
  backend: Backend,
  asked: Asked,
  after: string | QueryDocumentSnapshot | null,
): Promise<CustomersChunk> {
  if (asked.kind === "latest") {
    return await latest(backend, after as QueryDocumentSnapshot | null);
  }
  const [name, words] =
    asked.kind === "search"
      ? ["search_customers", { q: asked.text }]
      : ["query_segment", { segment: asked.text }];
  let pageToken = after as string | null;
  const found: Customer[] = [];
  do {
    const data = { ...words, pageSize: PAGE, pageToken };
    const page = await call<CustomersPage>(backend, name as string, data);
    found.push(...page.customers);
    pageToken = page.nextPageToken;
  } while (pageToken && !found.length); // a page may be empty and have a next one
  return { customers: found, next: pageToken };
}

async function latest(
  backend: Backend,
  after: QueryDocumentSnapshot | null,
): Promise<CustomersChunk> {
  const rows = query(
    collection(backend.firestore, "customers"),
    orderBy("lastOrderAt", "desc"),
    ...(after ? [startAfter(after)] : []),
    limit(PAGE),
  );
  try {
    const found = await getDocs(rows);
    const customers = found.docs.map((one) => ({ ...one.data(), customerId: one.id }) as Customer);
    const last = found.docs.at(-1) ?? null;
    return { customers, next: found.size < PAGE ? null : last };
  } catch (error) {
    throw refusalOf(error);
  }
}

/** All tags of the catalogue. */
export function useTags() {
  const backend = useBackend();
  return useQuery({
    queryKey: ["tags"],
    queryFn: async () => {
      const tags: Tag[] = [];
      let pageToken: string | null = null;
      do {
        const page: { tags: Tag[]; nextPageToken: string | null } = await call(
          backend,
          "list_tags",
          { pageSize: 200, pageToken },
        );
        tags.push(...page.tags);
        pageToken = page.nextPageToken;
      } while (pageToken);
      return tags;
    },
  });
}

/** Tag ids with their labels, followed live. */
export function useTagLabels(): Map<string, string> {
  const { firestore } = useBackend();
  const rows = useDocuments<{ tag: string; label: string }>(
    () => query(collection(firestore, "crmTags")),
    "crmTags",
    "tag",
  );
  return useMemo(() => new Map(rows.data?.map((row) => [row.tag, row.label])), [rows.data]);
}

/** The saved segments by name, followed live. */
export function useSegments() {
  const { firestore } = useBackend();
  return useDocuments<Segment>(
    () => query(collection(firestore, "crmSegments"), orderBy("nameKey")),
    "crmSegments",
    "segmentId",
  );
}

const RECENT = 100;

export interface KnownEvent {
  eventId: string;
  name: string;
  /** How many of the customers who bought last were there. */
  attended: number;
}

/** The customers who bought last; asked for when it is time. */
export function useRecent(ready = true) {
  const { firestore } = useBackend();
  return useQuery({
    queryKey: ["recent"],
    enabled: ready,
    staleTime: 60_000,
    queryFn: async () => {
      const recent = query(
        collection(firestore, "customers"),
        orderBy("lastOrderAt", "desc"),
        limit(RECENT),
      );
      return (await getDocs(recent)).docs.map((one) => one.data() as Customer);
    },
  });
}

/** The events of the customers who bought last, those that most of them hold tickets of first; there
 * is no list of all events. */
export function useEvents(ready = true): { data: KnownEvent[] | undefined } {
  const { data } = useRecent(ready);
  const events = useMemo(() => {
    const known = new Map<string, KnownEvent & { customers: number }>();
    for (const customer of data ?? []) {
      for (const [eventId, { name }] of Object.entries(customer.events)) {
        const fresh = { eventId, name: eventId, attended: 0, customers: 0 };
        const event = known.get(eventId) ?? fresh;
        event.customers += 1;
        event.attended += customer.attendedEventIds.includes(eventId) ? 1 : 0;
        if (name && event.name === eventId) event.name = name; // the newest order's
        known.set(eventId, event);
      }
    }
    return [...known.values()].sort((one, other) => other.customers - one.customers);
  }, [data]);
  return { data: data && events };
}

export function useJob(jobId: string | null) {
  const { firestore } = useBackend();
  return useDocument<Job>(jobId ? doc(firestore, "crmJobs", jobId) : null, "jobId");
}

/** Load again what an arriving order changes: it moves its customer to the top of the latest. */
export function useArrivals(keys: string[], ready = true): Customer[] | undefined {
  const { firestore } = useBackend();
  const queries = useQueryClient();
  const { data } = useDocuments<Customer>(
    () => query(collection(firestore, "customers"), orderBy("lastOrderAt", "desc"), limit(5)),
    "arrivals",
    "customerId",
    ready,
  );
  const names = keys.join(" ");
  const known = useRef(false);
  useEffect(() => {
    if (!data) return;
    if (!known.current) {
      known.current = true; // what was there already is being loaded
      return;
    }
    for (const key of names.split(" ")) queries.invalidateQueries({ queryKey: [key] });
  }, [data, names, queries]);
  return data;
}

/** The id of a tag with this label (docs/segments.md). */
export const tagId = (label: string) =>
  label.normalize("NFC").trim().toLowerCase().replaceAll(" ", "-");
