import { Button, Group, Loader, NativeSelect, Stack, Text } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { useOwnFields } from "../api/ownFields";
import { useTagLabels } from "../api/queries";
import type { Sort } from "../api/types";
import { Reach } from "../segments/Reach";
import type { CountedReach } from "../segments/reach";
import { useMay } from "../session";
import { EmptyNotice, ErrorNotice, LoadingRows } from "../ui/PageParts";
import { Warnings } from "../ui/Warnings";
import { t } from "../words";
import type { Asked, useCustomers } from "./asking";
import { BulkBar } from "./BulkBar";
import { type Column, USUAL } from "./columns";
import { useListKeys } from "./keys";
import { PeopleTable } from "./PeopleTable";
import { choices, currenciesOf, currencyChoices, sortOf, sortText } from "./sorting";

/** Who can still be shown one below the other on one page. */
const ALL = 1_000;

/** The people of a question in their order, to be paged through, and what can be done for many of them. */
export function PeopleList(props: {
  asked: Asked;
  sort: Sort;
  setSort: (sort: Sort) => void;
  list: ReturnType<typeof useCustomers>;
  /** How many there are, once that is known; a search has no such number. */
  count?: number;
  /** The same with whom mail reaches, null until it is known; absent where the page says it elsewhere. */
  counted?: CountedReach | null;
  columns?: readonly Column[];
  /** What chooses columns, where they can be chosen. */
  chooser?: ReactNode;
  /** Somebody is still writing the question: what stands here answers the one before. */
  stale?: boolean;
  /** The question itself is refused, and where it is written says so. */
  refused?: boolean;
  /** Go to where the question is searched in. */
  search?: () => void;
  /** What is said where nobody is found. */
  children: ReactNode;
}) {
  const { asked, sort, list, counted, columns = USUAL } = props;
  const editor = useMay("editor");
  const labels = useTagLabels();
  const fields = useOwnFields(columns.some((one) => one.startsWith("field:")));
  const [selected, setSelected] = useState<Set<string>>(new Set());
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
  const selectNone = () => setSelected(new Set());
  useListKeys({ search: props.search, leave: marked.length ? selectNone : undefined });
  const { hasNextPage, isFetchingNextPage, isPlaceholderData, error, fetchNextPage } = list;
  const all = whole === question;
  useEffect(() => {
    if (all && hasNextPage && !isFetchingNextPage && !isPlaceholderData && !error) fetchNextPage();
  }, [all, hasNextPage, isFetchingNextPage, isPlaceholderData, error, fetchNextPage]);
  const waiting = list.isPending || props.stale === true;
  const shown = !waiting && !props.refused && customers.length > 0;
  const count = counted?.count ?? props.count;
  const searched = asked.kind === "search";
  const segment = searched ? null : asked.kind === "segment" ? asked.segment : {};
  return (
    <Stack gap="sm">
      {waiting && <Waiting word={t(searched ? "people.searching" : "people.looking")} />}
      <Warnings warnings={waiting ? [] : list.data?.pages[0]?.warnings} />
      {shown && !searched && counted !== undefined && <Reach counted={counted ?? undefined} />}
      <BulkBar
        shown={shown}
        marked={marked}
        segment={segment}
        count={count}
        counted={counted}
        selectNone={selectNone}
      >
        {isPlaceholderData && <Loader size="xs" role="img" aria-label={t("people.sort.sorting")} />}
        {!searched && (
          <NativeSelect
            hiddenFrom="sm"
            size="xs"
            aria-label={t("people.sort.label")}
            data={choices(currency)}
            value={sortText(sort)}
            onChange={(event) => props.setSort(sortOf(event.currentTarget.value))}
          />
        )}
        {sort.by === "totalSpend" && !searched && (
          <NativeSelect
            size="xs"
            aria-label={t("people.sort.currency")}
            data={currencyChoices(currencies)}
            value={currency}
            onChange={(event) => props.setSort({ ...sort, currency: event.currentTarget.value })}
          />
        )}
        {props.chooser}
      </BulkBar>
      {error && !props.refused && <ErrorNotice error={error} retry={list.refetch} />}
      {!waiting && list.isSuccess && !customers.length && (
        <EmptyNotice title={t("people.nobody")}>{props.children}</EmptyNotice>
      )}
      {shown && (
        <PeopleTable
          customers={customers}
          columns={columns}
          fields={fields}
          labels={labels}
          selected={selected}
          toggle={editor ? toggle : undefined}
          sort={searched ? null : sort}
          setSort={props.setSort}
          currency={currency}
          busy={isPlaceholderData}
        />
      )}
      {!waiting && hasNextPage && (
        <Group gap="xs">
          <Button variant="default" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
            {t("people.showMore")}
          </Button>
          {count !== undefined && !searched && count <= ALL && count > customers.length && (
            <Button variant="default" disabled={all} onClick={() => setWhole(question)}>
              {t("people.showAll", { count })}
            </Button>
          )}
          <Text size="sm" c="dimmed">
            {count === undefined || searched
              ? t("people.shown", { count: customers.length })
              : t("people.shownOf", { shown: customers.length, all: count })}
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
