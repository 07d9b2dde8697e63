import { Button, Group, Loader, NativeSelect, Stack, Text } from "@mantine/core";
import { IconTag } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTagLabels } from "../api/queries";
import type { Sort } from "../api/types";
import { number } from "../format";
import { useMay } from "../session";
import { EmptyNotice, ErrorNotice, LoadingRows } from "../ui/PageParts";
import { Warnings } from "../ui/Warnings";
import type { Asked, useCustomers } from "./asking";
import { CustomerTable } from "./CustomerTable";
import { choices, currenciesOf, currencyChoices, sortOf, sortText } from "./sorting";
import { type Chosen, TagMany } from "./TagMany";

/** Who can still be shown one below the other on one page. */
const ALL = 1_000;

/** The customers of a question in their order, to be paged through and tagged. */
export function PeopleList(props: {
  asked: Asked;
  sort: Sort;
  setSort: (sort: Sort) => void;
  list: ReturnType<typeof useCustomers>;
  /** How many there are, once that is known. */
  count: number | undefined;
  /** Somebody is still writing the question: what stands here answers the one before. */
  stale?: boolean;
  /** The question itself is refused, and where it is written says so. */
  refused?: boolean;
  /** What is said where nobody is found. */
  children: ReactNode;
}) {
  const { asked, sort, list, count } = props;
  const editor = useMay("editor");
  const labels = useTagLabels();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const question = JSON.stringify(asked);
  const [whole, setWhole] = useState<string | null>(null);
  const customers = list.data?.pages.flatMap((page) => page.customers) ?? [];
  const marked = customers.filter((one) => selected.has(one.customerId));
  const spends = customers.map((one) => one.totalSpend);
  const currencies = currenciesOf(spends, sort.currency);
  const currency = sort.currency ?? currencies[0];
  const toggle = (ids: string[], on: boolean) => {
    const next = new Set(selected);
    for (const id of ids) on ? next.add(id) : next.delete(id);
    setSelected(next);
  };
  const { hasNextPage, isFetchingNextPage, isPlaceholderData, error, fetchNextPage } = list;
  const all = whole === question;
  useEffect(() => {
    if (all && hasNextPage && !isFetchingNextPage && !isPlaceholderData && !error) fetchNextPage();
  }, [all, hasNextPage, isFetchingNextPage, isPlaceholderData, error, fetchNextPage]);
  const waiting = list.isPending || props.stale === true;
  return (
    <Stack gap="sm">
      {waiting && <Waiting word={asked.kind === "search" ? "Searching…" : "Looking…"} />}
      <Warnings warnings={waiting ? [] : list.data?.pages[0]?.warnings} />
      {!waiting && customers.length > 0 && (
        <Group gap="xs">
          {editor && marked.length > 0 && (
            <Button
              leftSection={<IconTag size={16} aria-hidden />}
              onClick={() => setChosen({ customers: marked })}
            >
              Tag {number(marked.length)} selected
            </Button>
          )}
          {editor && asked.kind === "segment" && !!count && (
            <Button variant="default" onClick={() => setChosen({ segment: asked.segment, count })}>
              Tag all {number(count)} of this segment
            </Button>
          )}
          {marked.length > 0 && (
            <Button variant="subtle" onClick={() => setSelected(new Set())}>
              Select none
            </Button>
          )}
          {asked.kind !== "search" && (
            <NativeSelect
              hiddenFrom="sm"
              aria-label="Sort"
              data={choices(currency)}
              value={sortText(sort)}
              onChange={(event) => props.setSort(sortOf(event.currentTarget.value))}
            />
          )}
          {sort.by === "totalSpend" && asked.kind !== "search" && (
            <NativeSelect
              aria-label="Sort by spend in"
              data={currencyChoices(currencies)}
              value={currency}
              onChange={(event) => props.setSort({ ...sort, currency: event.currentTarget.value })}
            />
          )}
          {isPlaceholderData && <Loader size="xs" role="img" aria-label="Sorting" />}
        </Group>
      )}
      <TagMany chosen={chosen} close={() => setChosen(null)} />
      {error && !props.refused && <ErrorNotice error={error} retry={list.refetch} />}
      {!waiting && list.isSuccess && !customers.length && (
        <EmptyNotice title="Nobody is found.">{props.children}</EmptyNotice>
      )}
      {!waiting && !props.refused && customers.length > 0 && (
        <CustomerTable
          customers={customers}
          labels={labels}
          selected={selected}
          toggle={editor ? toggle : undefined}
          sort={asked.kind === "search" ? null : sort}
          setSort={props.setSort}
          currency={currency}
          busy={isPlaceholderData}
        />
      )}
      {!waiting && hasNextPage && (
        <Group gap="xs">
          <Button variant="default" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
            Show more
          </Button>
          {count !== undefined && count <= ALL && count > customers.length && (
            <Button variant="default" disabled={all} onClick={() => setWhole(question)}>
              Show all {number(count)}
            </Button>
          )}
          <Text size="sm" c="dimmed">
            {count === undefined
              ? `${number(customers.length)} shown`
              : `${number(customers.length)} of ${number(count)} shown`}
          </Text>
        </Group>
      )}
    </Stack>
  );
}

function Waiting({ word }: { word: string }) {
  return (
    <Stack gap="xs">
      <Text role="status">{word}</Text>
      <LoadingRows />
    </Stack>
  );
}
