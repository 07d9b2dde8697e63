import { useInfiniteQuery } from "@tanstack/react-query";
import { call, refusalOf } from "../api/calls";
import type { Customer, CustomersPage, SegmentNode, Sort, Warning } from "../api/types";
import { useBackend } from "../backend";
import type { Mark } from "../documents";
import type { Backend } from "../firebase";
import { NEWEST, sortText } from "./sorting";

const PAGE = 50;

/** Which customers a list shows: everyone, whom a search finds (perhaps in a segment), or a segment's. */
export type Asked =
  | { kind: "everyone" }
  | { kind: "search"; text: string; segment?: string }
  | { kind: "segment"; segment: string | SegmentNode };

interface Chunk {
  customers: Customer[];
  warnings: Warning[];
  next: string | Mark | null;
}

async function page(
  backend: Backend,
  asked: Asked,
  sort: Sort,
  after: Chunk["next"],
): Promise<Chunk> {
  if (asked.kind === "everyone" && sortText(sort) === sortText(NEWEST)) {
    return await latest(backend, after as Mark | null);
  }
  const segment = asked.kind === "segment" ? asked.segment : {};
  let pageToken = after as string | null;
  const customers: Customer[] = [];
  let warnings: Warning[] = [];
  do {
    const part = { pageSize: PAGE, pageToken };
    const answer: CustomersPage =
      asked.kind === "search"
        ? await call(backend, "search_customers", {
            q: asked.text,
            segment: asked.segment,
            ...part,
          })
        : await call(backend, "query_segment", { segment, sort, ...part });
    customers.push(...answer.customers);
    warnings = answer.warnings ?? warnings;
    pageToken = answer.nextPageToken;
  } while (pageToken && !customers.length); // a page may be empty and have a next one
  return { customers, warnings, next: pageToken };
}

/** Who bought last, straight from the documents: the first thing that most people look at. */
async function latest(backend: Backend, after: Mark | null): Promise<Chunk> {
  try {
    const documents = await backend.documents();
    const { rows, next } = await documents.page(
      { from: "customers", orderBy: ["lastOrderAt", "desc"], limit: PAGE },
      after,
    );
    const customers = rows.map((one) => ({ ...one, customerId: one.id }) as unknown as Customer);
    return { customers, warnings: [], next };
  } catch (error) {
    throw refusalOf(error);
  }
}

/** The customers that are asked for, page by page. What stays while others come is only the same people
 * in another order: never the answer to another question. */
export function useCustomers(asked: Asked, sort: Sort, ready = true) {
  const backend = useBackend();
  const question = JSON.stringify(asked);
  return useInfiniteQuery({
    queryKey: ["customers", question, asked.kind === "search" ? null : sort],
    queryFn: ({ pageParam }) => page(backend, asked, sort, pageParam),
    initialPageParam: null as Chunk["next"],
    getNextPageParam: (last) => last.next,
    placeholderData: (before, last) => (last?.queryKey[1] === question ? before : undefined),
    enabled: ready,
    retry: false,
  });
}
