import { Button, Group, SegmentedControl, Stack, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { useEventList, type When } from "../../api/events";
import type { EventRow } from "../../api/types";
import { day, number } from "../../format";
import { EventLink } from "../../ui/EventParts";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { cameOf } from "./attendance";

const CHOICES = [
  { value: "upcoming", label: "Upcoming" },
  { value: "past", label: "Past" },
  { value: "all", label: "All" },
];

/** The events to come are mostly few: all of them, as far as one call goes. */
const MOST = 200;

/** The catalogue of events: those to come, those that were, and those that a search finds. */
export default function EventList() {
  const [params, setParams] = useSearchParams();
  const asked = params.get("when");
  const when = asked === "past" || asked === "all" ? asked : "upcoming";
  const [typed, setTyped] = useState(params.get("q") ?? "");
  const [q] = useDebouncedValue(typed.trim(), 200);
  const show = (next: string) =>
    setParams({ ...(q && { q }), ...(next !== "upcoming" && { when: next }) }, { replace: true });
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed is written
  useEffect(() => show(when), [q]);
  const next = when === "upcoming";
  const list = useEventList(q, when === "all" ? null : (when as When), next ? MOST : undefined);
  const found = list.data?.pages.flatMap((page) => page.events) ?? [];
  // The next one first, once all of them are known.
  const events = next && !list.hasNextPage ? found.toReversed() : found;
  const waiting = list.isPending || typed.trim() !== q;
  return (
    <>
      <PageHead title="Events" />
      <Stack gap="sm">
        <TextInput
          label="Search"
          placeholder="A name, a date or an id"
          leftSection={<IconSearch size={16} aria-hidden />}
          type="search"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Group>
          <SegmentedControl aria-label="Which events" data={CHOICES} value={when} onChange={show} />
        </Group>
        {list.error && <ErrorNotice error={list.error} retry={list.refetch} />}
        {waiting && !list.error && (
          <>
            <Text role="status">{typed.trim() ? "Searching…" : "Looking…"}</Text>
            <LoadingRows />
          </>
        )}
        {!waiting && list.isSuccess && !events.length && (
          <Nothing when={when} q={q} all={() => show("all")} />
        )}
        {!waiting && events.length > 0 && <EventTable events={events} />}
        {!waiting && list.hasNextPage && (
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

function Nothing({ when, q, all }: { when: string; q: string; all: () => void }) {
  const title = q
    ? "No event is found."
    : when === "upcoming"
      ? "No event is to come."
      : "No event yet.";
  return (
    <EmptyNotice title={title}>
      {when === "all" ? (
        "The first order that names an event makes it."
      ) : (
        <Button variant="default" size="compact-sm" onClick={all}>
          Look among all events
        </Button>
      )}
    </EmptyNotice>
  );
}

function EventTable({ events }: { events: EventRow[] }) {
  const now = new Date();
  return (
    <Table.ScrollContainer minWidth={320} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="sm" highlightOnHover aria-label="Events">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Event</Table.Th>
            <Table.Th visibleFrom="sm">Date</Table.Th>
            <Table.Th ta="right">Ticket holders</Table.Th>
            <Table.Th ta="right">Attended</Table.Th>
            <Table.Th ta="right" visibleFrom="sm">
              No-shows
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {events.map((event) => {
            const { attended, noShows } = cameOf(event, now);
            return (
              <Table.Tr key={event.eventId}>
                <Table.Td>
                  <EventLink {...event} />
                  <Text size="sm" c="dimmed" hiddenFrom="sm">
                    {day(event.startsAt)}
                  </Text>
                </Table.Td>
                <Table.Td visibleFrom="sm">{day(event.startsAt)}</Table.Td>
                <Table.Td ta="right" className="figures">
                  {number(event.holders)}
                </Table.Td>
                <Table.Td ta="right" className="figures">
                  {attended}
                </Table.Td>
                <Table.Td ta="right" className="figures" visibleFrom="sm">
                  {noShows}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
