import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useBackend } from "../backend";
import { call } from "./calls";
import type { Customer, Likely } from "./types";

/** What get_customer answers. */
export interface FoundCustomer {
  customer: Customer;
  likelySame: Likely[];
}

/** What somebody of the staff wrote down. */
export interface StaffNote {
  noteId: string;
  text: string;
  at: string;
  author: string;
  own: boolean;
}

export type FieldValue = string | number | boolean;

/** An own field, as crm.toml declares it. */
export interface OwnField {
  name: string;
  type: "text" | "number" | "date" | "bool" | "choice";
  label: string;
  purpose: string;
  choices: string[];
  writable: boolean;
}

/** A mail that a campaign sent, or did not send. */
export interface SentMail {
  campaignId: string;
  subject: string | null;
  state: string;
  reason: string | null;
  at: string;
  bounced: string | null;
  softBounced: string | null;
  complained: string | null;
  unsubscribed: string | null;
}

/** What a rule did to a person. */
export interface RuleRun {
  ruleId: string;
  rule: string | null;
  did: "tags" | "send";
  eventId: string | null;
  campaignId: string | null;
  at: string;
}

/** The rows of a list about a person, as far as they are fetched. */
export interface Rows<Row> {
  /** Undefined until the first page has come. */
  rows: Row[] | undefined;
  more: boolean;
  fetching: boolean;
  fetchMore: () => void;
  error: Error | null;
  retry: () => unknown;
}

/** A paged list of a callable about one customer, the newest first. */
export function useRows<Row>(
  name: string,
  field: string,
  customerId: string,
  version: number,
  { enabled = true, pageSize = 50 }: { enabled?: boolean; pageSize?: number } = {},
): Rows<Row> {
  const backend = useBackend();
  const list = useInfiniteQuery({
    queryKey: [name, customerId, version, pageSize],
    queryFn: ({ pageParam }) =>
      call<{ nextPageToken: string | null } & Record<string, unknown>>(backend, name, {
        customerId,
        pageSize,
        pageToken: pageParam,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextPageToken,
    enabled,
    // Of the same person alone: what is another's is shown to nobody here.
    placeholderData: (before, query) => (query?.queryKey[1] === customerId ? before : undefined),
  });
  return {
    rows: list.data?.pages.flatMap((page) => page[field] as Row[]),
    more: list.hasNextPage,
    fetching: list.isFetchingNextPage,
    fetchMore: () => list.fetchNextPage(),
    error: list.error,
    retry: list.refetch,
  };
}

/** The own fields that crm.toml declares. */
export function useOwnFields() {
  const backend = useBackend();
  return useQuery({
    queryKey: ["fields"],
    queryFn: () =>
      call<{ fields: OwnField[] }>(backend, "list_fields").then(({ fields }) => fields),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The address of an order on the host's pages; null where crm.toml names none. */
export function useOrderUrl(): (orderId: string) => string | null {
  const backend = useBackend();
  const found = useQuery({
    queryKey: ["settings"],
    queryFn: () => call<{ settings: { orderUrl: string | null } }>(backend, "get_settings"),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const template = found.data?.settings.orderUrl ?? null;
  return (orderId) => template?.replace("{orderId}", encodeURIComponent(orderId)) ?? null;
}

/** A customer by id, for where it is shown beside another one. */
export function useCustomer(customerId: string | null) {
  const backend = useBackend();
  return useQuery({
    queryKey: ["customer", customerId],
    queryFn: () => call<FoundCustomer>(backend, "get_customer", { customerId }),
    enabled: customerId !== null,
    retry: false,
  });
}
