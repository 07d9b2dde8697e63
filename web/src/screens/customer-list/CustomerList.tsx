import { Button, Checkbox, Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch, IconTag } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { call, refusalOf } from "../../api/calls";
import {
  type Asked,
  type CustomersChunk,
  customersPage,
  useArrivals,
  useTagLabels,
} from "../../api/queries";
import type { Counted, Customer } from "../../api/types";
import { useBackend } from "../../backend";
import { day, number, plural } from "../../format";
import { SegmentInput } from "../../segments/SegmentInput";
import { useMay } from "../../session";
import { ConsentBadge, CustomerLink, mailAddressOf, Spend, TagList } from "../../ui/CustomerCells";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { type Chosen, TagMany } from "./TagMany";

interface Typed {
  q: string;
  segment: string;
}

const typedIn = (params: URLSearchParams): Typed => ({
  q: params.get("q") ?? "",
  segment: params.get("segment") ?? "",
});

/** The question about customers: typed at once, asked a moment later, and kept in the address. */
function useAsked(): [Asked, Typed, (typed: Partial<Typed>) => void] {
  const [params, setParams] = useSearchParams();
  const [typed, setTyped] = useState(() => typedIn(params));
  const [text] = useDebouncedValue(typed.q.trim(), 150);
  const [question] = useDebouncedValue(typed.segment.trim(), 400);
  const written = useRef(params.toString());
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed is written
  useEffect(() => {
    const pairs = { ...(text && { q: text }), ...(question && { segment: question }) };
    const next = new URLSearchParams(pairs);
    written.current = next.toString();
    setParams(next, { replace: true });
  }, [text, question]);
  useEffect(() => {
    if (params.toString() === written.current) return; // else a link led here
    written.current = params.toString();
    setTyped(typedIn(params));
  }, [params]);
  const asked: Asked =
    text.length > 1
      ? { kind: "search", text }
      : question
        ? { kind: "segment", text: question }
        : { kind: "latest" };
  return [asked, typed, (next) => setTyped({ q: "", segment: "", ...next })];
}

/** The customers who bought last, whom a search finds, or of a segment. */
export default function CustomerList() {
  const backend = useBackend();
  const editor = useMay("editor");
  const [asked, typed, ask] = useAsked();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const labels = useTagLabels();
  const list = useInfiniteQuery({
    queryKey: ["customers", asked],
    queryFn: ({ pageParam }) => customersPage(backend, asked, pageParam),
    initialPageParam: null as CustomersChunk["next"],
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    retry: false,
  });
  // What is not read first is asked for when there is something to read.
  const ready = !list.isPending;
  useArrivals(["customers", "count"], ready);
  const question = asked.kind === "segment" ? asked.text : "everyone";
  const counted = useQuery({
    queryKey: ["count", question],
    queryFn: () => call<Counted>(backend, "count_segment", { segment: question }),
    enabled: ready && asked.kind !== "search",
    retry: false,
  });
  const customers = list.data?.pages.flatMap((page) => page.customers) ?? [];
  const refused = list.error && asked.kind === "segment" ? refusalOf(list.error) : null;
  const marked = customers.filter((one) => selected.has(one.customerId));
  const toggle = (ids: string[], on: boolean) => {
    const next = new Set(selected);
    for (const id of ids) on ? next.add(id) : next.delete(id);
    setSelected(next);
  };
  return (
    <>
      <PageHead title="Customers">
        {counted.data && asked.kind !== "search" && (
          <Text data-testid="count">{plural(counted.data.count, "customer")}</Text>
        )}
      </PageHead>
      <Stack gap="sm">
        <TextInput
          label="Search"
          placeholder="A name or an address"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed.q}
          type="search"
          onChange={(event) => ask({ q: event.currentTarget.value })}
        />
        <SegmentInput
          label="Filter by a segment"
          placeholder="tag:vip and last_order_at within 90 days"
          value={typed.segment}
          error={refused}
          onChange={(text) => ask({ segment: text })}
        />
        {editor && (
          <Group gap="xs">
            {marked.length > 0 && (
              <Button
                leftSection={<IconTag size={16} aria-hidden />}
                onClick={() => setChosen({ customers: marked })}
              >
                Tag {number(marked.length)} selected
              </Button>
            )}
            {asked.kind === "segment" && counted.data && counted.data.count > 0 && (
              <Button
                variant="default"
                onClick={() => setChosen({ segment: asked.text, count: counted.data.count })}
              >
                Tag all {number(counted.data.count)} of this segment
              </Button>
            )}
            {marked.length > 0 && (
              <Button variant="subtle" onClick={() => setSelected(new Set())}>
                Select none
              </Button>
            )}
          </Group>
        )}
        <TagMany chosen={chosen} close={() => setChosen(null)} />
        {list.error && !refused && <ErrorNotice error={list.error} retry={list.refetch} />}
        {list.isPending && <LoadingRows />}
        {list.isSuccess && !customers.length && (
          <EmptyNotice title="Nobody is found.">
            {asked.kind === "latest"
              ? "The first order or user makes the first customer."
              : "Search by the start of a name or an address, or ask another question."}
          </EmptyNotice>
        )}
        {customers.length > 0 && !refused && (
          <CustomerTable
            customers={customers}
            labels={labels}
            selected={selected}
            toggle={editor ? toggle : undefined}
          />
        )}
        {list.hasNextPage && (
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => list.fetchNextPage()}
          >
            Show more
          </Button>
        )}
      </Stack>
    </>
  );
}

function CustomerTable(props: {
  customers: Customer[];
  labels: Map<string, string>;
  selected: Set<string>;
  toggle?: (ids: string[], on: boolean) => void;
}) {
  const { customers, selected, toggle } = props;
  const all = customers.every((one) => selected.has(one.customerId));
  const some = customers.some((one) => selected.has(one.customerId));
  return (
    <Table.ScrollContainer minWidth={320} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="xs" highlightOnHover aria-label="Customers">
        <Table.Thead>
          <Table.Tr>
            {toggle && (
              <Table.Th w={40}>
                <Checkbox
                  aria-label="Select all shown"
                  checked={all}
                  indeterminate={some && !all}
                  onChange={(event) =>
                    toggle(
                      customers.map((one) => one.customerId),
                      event.currentTarget.checked,
                    )
                  }
                />
              </Table.Th>
            )}
            <Table.Th>Customer</Table.Th>
            <Table.Th visibleFrom="sm">Tags</Table.Th>
            <Table.Th ta="right">Spend</Table.Th>
            <Table.Th ta="right" visibleFrom="sm">
              Orders
            </Table.Th>
            <Table.Th visibleFrom="sm">Last order</Table.Th>
            <Table.Th visibleFrom="md">Newsletter</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {customers.map((one) => (
            <Table.Tr key={one.customerId}>
              {toggle && (
                <Table.Td>
                  <Checkbox
                    aria-label={`Select ${one.name ?? mailAddressOf(one) ?? one.customerId}`}
                    checked={selected.has(one.customerId)}
                    onChange={(event) => toggle([one.customerId], event.currentTarget.checked)}
                  />
                </Table.Td>
              )}
              <Table.Td>
                <CustomerLink customer={one} />
              </Table.Td>
              <Table.Td visibleFrom="sm">
                <TagList tags={one.tags} labels={props.labels} />
              </Table.Td>
              <Table.Td ta="right">
                <Spend spend={one.totalSpend} />
              </Table.Td>
              <Table.Td ta="right" visibleFrom="sm" className="figures">
                {number(one.orderCount)}
              </Table.Td>
              <Table.Td visibleFrom="sm">{day(one.lastOrderAt)}</Table.Td>
              <Table.Td visibleFrom="md">
                <ConsentBadge marketing={one.marketing} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
