import { Button, Group, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { useEventList, type When } from "../../api/events";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { EventTable } from "./EventTable";

const WHEN = ["upcoming", "past", "all"] as const;

/** The catalogue of events: those to come, those that were, and those that a search finds. */
export default function EventList() {
  const [params, setParams] = useSearchParams();
  const when = WHEN.find((one) => one === params.get("when")) ?? "upcoming";
  const [typed, setTyped] = useState(params.get("q") ?? "");
  const [q] = useDebouncedValue(typed.trim(), 200);
  const show = (next: string) =>
    setParams({ ...(q && { q }), ...(next !== "upcoming" && { when: next }) }, { replace: true });
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed is written
  useEffect(() => show(when), [q]);
  const list = useEventList(q, when === "all" ? null : (when as When));
  const events = list.data?.pages.flatMap((page) => page.events) ?? [];
  const waiting = list.isPending || typed.trim() !== q;
  return (
    <>
      <PageHead title={t("events.title")} />
      <Stack gap="sm">
        <TextInput
          label={t("events.search")}
          placeholder={t("events.searchHint")}
          leftSection={<IconSearch size={16} aria-hidden />}
          type="search"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Group>
          <SegmentedControl
            aria-label={t("events.which")}
            data={WHEN.map((value) => ({ value, label: t(`events.${value}`) }))}
            value={when}
            onChange={show}
          />
        </Group>
        {list.error && <ErrorNotice error={list.error} retry={list.refetch} />}
        {waiting && !list.error && <LoadingRows />}
        {!waiting && list.isSuccess && !events.length && (
          <Nothing when={when} q={q} all={() => show("all")} />
        )}
        {!waiting && events.length > 0 && <EventTable events={events} />}
        {!waiting && list.hasNextPage && (
          <Group gap="xs">
            <Button
              variant="default"
              loading={list.isFetchingNextPage}
              onClick={() => list.fetchNextPage()}
            >
              {t("events.showMore")}
            </Button>
            <Text size="sm" c="dimmed">
              {t("events.shown", { count: events.length })}
            </Text>
          </Group>
        )}
      </Stack>
    </>
  );
}

function Nothing({ when, q, all }: { when: string; q: string; all: () => void }) {
  const title = q
    ? t("events.notFound")
    : t(when === "upcoming" ? "events.noneUpcoming" : "events.none");
  return (
    <EmptyNotice title={title}>
      {when === "all" ? (
        t("events.noneHint")
      ) : (
        <Button variant="default" size="compact-sm" onClick={all}>
          {t("events.amongAll")}
        </Button>
      )}
    </EmptyNotice>
  );
}
