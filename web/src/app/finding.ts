import { useQuery } from "@tanstack/react-query";
import { type Answer, call } from "../api/calls";
import { useBackend } from "../backend";
import type { Backend } from "../firebase";
import { mailAddressOf, nameOf } from "../ui/CustomerCells";
import { eventLabel, eventPath } from "../ui/EventParts";

/** Something that a search leads to. */
export interface Hit {
  to: string;
  label: string;
  about?: string | null;
}

/** How many of a kind are shown; the list of people shows all. */
const SHOWN = 6;

/** How long the names of segments and campaigns are known, in milliseconds. */
const KNOWN = 60_000;

/** The latest campaigns: each comes with its whole text. */
const CAMPAIGNS = 50;

const plain = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** Those whose names hold every word that is written, accents and letter case aside. */
export function named<T>(all: T[], text: string, nameIn: (one: T) => string): T[] {
  const words = plain(text).split(/\s+/).filter(Boolean);
  return all.filter((one) => words.every((word) => plain(nameIn(one)).includes(word)));
}

/** Whether what is found first will stay first: all kinds before it are there, in the order of the list. */
export function isFirstSure(kinds: { isFetching: boolean; data?: unknown[] }[]): boolean {
  const open = kinds.findIndex((kind) => kind.isFetching && !kind.data);
  return open === -1 || kinds.slice(0, open).some((kind) => kind.data?.length);
}

async function people(backend: Backend, q: string): Promise<Hit[]> {
  const asked = { q, pageSize: SHOWN };
  const { customers } = await call(backend, "search_customers", asked);
  return customers.map((one) => ({
    to: `/people/${one.customerId}`,
    label: nameOf(one),
    about: one.name ? mailAddressOf(one) : null,
  }));
}

async function events(backend: Backend, q: string): Promise<Hit[]> {
  const found = await call(backend, "list_events", { q, pageSize: SHOWN });
  return found.events.map((one) => ({ to: eventPath(one.eventId), label: eventLabel(one) }));
}

async function segments(backend: Backend): Promise<Hit[]> {
  const all: Answer<"list_segments">["segments"] = [];
  let pageToken: string | null = null;
  do {
    const page: Answer<"list_segments"> = await call(backend, "list_segments", {
      pageSize: 200,
      pageToken,
    });
    all.push(...page.segments);
    pageToken = page.nextPageToken;
  } while (pageToken);
  return all.map((one) => ({
    to: `/segments/${one.segmentId}`,
    label: one.name,
    about: one.description,
  }));
}

async function campaigns(backend: Backend): Promise<Hit[]> {
  const found = await call(backend, "list_campaigns", { pageSize: CAMPAIGNS });
  return found.campaigns.map((one) => ({ to: `/campaigns/${one.campaignId}`, label: one.name }));
}

/** What a search through everything finds, each kind as soon as it is there. */
export function useFound(text: string) {
  const backend = useBackend();
  const enabled = [...text].length > 1;
  const asked = { enabled, retry: false } as const;
  return {
    people: useQuery({
      ...asked,
      queryKey: ["find", "people", text],
      queryFn: () => people(backend, text),
    }),
    events: useQuery({
      ...asked,
      queryKey: ["find", "events", text],
      queryFn: () => events(backend, text),
    }),
    segments: useQuery({
      ...asked,
      queryKey: ["find", "segments"],
      staleTime: KNOWN,
      queryFn: () => segments(backend),
      select: (all) => named(all, text, (one) => one.label).slice(0, SHOWN),
    }),
    campaigns: useQuery({
      ...asked,
      queryKey: ["find", "campaigns"],
      staleTime: KNOWN,
      queryFn: () => campaigns(backend),
      select: (all) => named(all, text, (one) => one.label).slice(0, SHOWN),
    }),
  };
}
