import { Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { call, refusalOf } from "../../api/calls";
import { useArrivals } from "../../api/queries";
import type { Sort } from "../../api/types";
import { useBackend } from "../../backend";
import { plural } from "../../format";
import { type Asked, useCustomers } from "../../people/asking";
import { PeopleList } from "../../people/PeopleList";
import { sortOf, sortText } from "../../people/sorting";
import { SegmentInput } from "../../segments/SegmentInput";
import { EmptyNotice, PageHead } from "../../ui/PageParts";

interface Typed {
  q: string;
  segment: string;
}

const typedIn = (params: URLSearchParams): Typed => ({
  q: params.get("q") ?? "",
  segment: params.get("segment") ?? "",
});

interface Question {
  asked: Asked;
  typed: Typed;
  ask: (typed: Partial<Typed>) => void;
  /** Whether what is typed is not asked yet. */
  stale: boolean;
  sort: Sort;
  setSort: (sort: Sort) => void;
}

/** The question about customers: typed at once, asked a moment later, and kept in the address. */
function useQuestion(): Question {
  const [params, setParams] = useSearchParams();
  const [typed, setTyped] = useState(() => typedIn(params));
  const [sort, setSort] = useState(() => sortOf(params.get("sort")));
  const [text] = useDebouncedValue(typed.q.trim(), 150);
  const [question] = useDebouncedValue(typed.segment.trim(), 400);
  const written = useRef(params.toString());
  const order = sortText(sort);
  const usual = order === sortText(sortOf(null));
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed is written
  useEffect(() => {
    const pairs = {
      ...(text && { q: text }),
      ...(question && { segment: question }),
      ...(!usual && { sort: order }),
    };
    const next = new URLSearchParams(pairs);
    written.current = next.toString();
    setParams(next, { replace: true });
  }, [text, question, order]);
  useEffect(() => {
    if (params.toString() === written.current) return; // else a link led here
    written.current = params.toString();
    setTyped(typedIn(params));
    setSort(sortOf(params.get("sort")));
  }, [params]);
  const asked: Asked = text
    ? { kind: "search", text }
    : question
      ? { kind: "segment", segment: question }
      : { kind: "everyone" };
  return {
    asked,
    typed,
    ask: (next) => setTyped({ q: "", segment: "", ...next }),
    stale: typed.q.trim() !== text || typed.segment.trim() !== question,
    sort,
    setSort,
  };
}

/** What a search needs at least. */
const SHORTEST = 2;

/** The customers in order, those whom a search finds, or those of a segment. */
export default function People() {
  const backend = useBackend();
  const { asked, typed, ask, stale, sort, setSort } = useQuestion();
  const short = asked.kind === "search" && asked.text.length < SHORTEST;
  const list = useCustomers(asked, sort, !short);
  // What is not read first is asked for when there is something to read.
  const ready = !list.isPending;
  useArrivals(["customers", "count"], ready);
  const question = asked.kind === "segment" ? asked.segment : "everyone";
  const counted = useQuery({
    queryKey: ["count", question],
    queryFn: () => call(backend, "count_segment", { segment: question }),
    enabled: ready && asked.kind !== "search",
    retry: false,
  });
  const refused = list.error && asked.kind === "segment" ? refusalOf(list.error) : null;
  const count = asked.kind === "search" ? undefined : counted.data?.count;
  return (
    <>
      <PageHead title="People">
        {count !== undefined && !stale && (
          <Text data-testid="count">{plural(count, "customer")}</Text>
        )}
      </PageHead>
      <Stack gap="sm">
        <TextInput
          label="Search"
          placeholder="A name, an address, a domain or an order"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed.q}
          type="search"
          onChange={(event) => ask({ q: event.currentTarget.value })}
        />
        <SegmentInput
          label="Filter by a segment"
          placeholder="tag:vip and last_order_at within 90 days"
          value={typed.segment}
          error={stale ? null : refused}
          onChange={(text) => ask({ segment: text })}
        />
        {asked.kind === "segment" && !refused && (
          <Text size="sm">
            <Link to={`/segments/new?${new URLSearchParams({ segment: typed.segment })}`}>
              Go on with this as a segment
            </Link>
            : save it, or download its newsletter list.
          </Text>
        )}
        {short && !stale ? (
          <EmptyNotice title="Write one more letter or digit.">
            A search needs at least two.
          </EmptyNotice>
        ) : (
          <PeopleList
            asked={asked}
            sort={sort}
            setSort={setSort}
            list={list}
            count={count}
            stale={stale}
            refused={refused !== null}
          >
            {asked.kind === "everyone"
              ? "The first order or user makes the first customer."
              : "Search by the start of a name or an address, or ask another question."}
          </PeopleList>
        )}
      </Stack>
    </>
  );
}
