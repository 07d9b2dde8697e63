import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type {
  AuditPage,
  ConsentsPage,
  CustomerFound,
  MailsPage,
  Note,
  NotesPage,
  OrdersPage,
  RuleRun,
  RuleRunsPage,
  SentMail,
} from "crm-lite-client";
import { useBackend } from "../backend";
import { call } from "./calls";

export type FoundCustomer = CustomerFound;
export type StaffNote = Note;
export type { RuleRun, SentMail };

export type FieldValue = string | number | boolean;

/** The lists about a person: where in an answer the rows are. */
const ROWS = {
  list_audit: (page: AuditPage) => page.entries,
  list_consents: (page: ConsentsPage) => page.consents,
  list_mails: (page: MailsPage) => page.mails,
  list_notes: (page: NotesPage) => page.notes,
  list_orders: (page: OrdersPage) => page.orders,
  list_rule_runs: (page: RuleRunsPage) => page.runs,
};
type Listing = keyof typeof ROWS;
type RowOf<List extends Listing> = ReturnType<(typeof ROWS)[List]>[number];

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
export function useRows<List extends Listing>(
  name: List,
  customerId: string,
  version: number,
  { enabled = true, pageSize = 50 }: { enabled?: boolean; pageSize?: number } = {},
): Rows<RowOf<List>> {
  const backend = useBackend();
  const list = useInfiniteQuery({
    queryKey: [name, customerId, version, pageSize],
    queryFn: ({ pageParam }) =>
      call(backend, name as Listing, { customerId, pageSize, pageToken: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextPageToken,
    enabled,
    // Of the same person alone: what is another's is shown to nobody here.
    placeholderData: (before, query) => (query?.queryKey[1] === customerId ? before : undefined),
  });
  const rowsOf = ROWS[name];
  return {
    rows: list.data?.pages.flatMap((page) => rowsOf(page as never) as RowOf<List>[]),
    more: list.hasNextPage,
    fetching: list.isFetchingNextPage,
    fetchMore: () => list.fetchNextPage(),
    error: list.error,
    retry: list.refetch,
  };
}

/** The address of an order on the host's pages; null where crm.toml names none. */
export function useOrderUrl(): (orderId: string) => string | null {
  const backend = useBackend();
  const found = useQuery({
    queryKey: ["settings"],
    queryFn: () => call(backend, "get_settings"),
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
    queryFn: () => call(backend, "get_customer", { customerId }),
    enabled: customerId !== null,
    retry: false,
  });
}
