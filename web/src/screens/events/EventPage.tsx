import { Group, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link, useSearchParams } from "react-router";
import { useEvent } from "../../api/events";
import type { EventFigures } from "../../api/types";
import { number, time } from "../../format";
import { BackLink } from "../../ui/BackLink";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { cameOf, isRecorded, isToCome, segmentOf } from "./attendance";

/** The page of one event: who holds a ticket, who came, who did not, and who came again. */
export default function EventPage() {
  const [params] = useSearchParams();
  const found = useEvent(params.get("id") ?? "");
  if (found.error) {
    return (
      <>
        <PageHead title="Event" />
        <ErrorNotice error={found.error} retry={found.refetch} />
      </>
    );
  }
  if (found.data === undefined) return <LoadingRows />;
  if (found.data === null) {
    return (
      <>
        <PageHead title="Event" />
        <EmptyNotice title="There is no such event.">
          <Link to="/events">All events</Link>
        </EmptyNotice>
      </>
    );
  }
  return <Details event={found.data} />;
}

function Details({ event }: { event: EventFigures }) {
  const now = new Date();
  const toCome = isToCome(event, now);
  const { attended, noShows } = cameOf(event, now);
  const people = (field: Parameters<typeof segmentOf>[0]) => segmentOf(field, event.eventId);
  const known = (value: number | null) => (value === null ? "–" : number(value));
  return (
    <>
      <BackLink path="/events" search={toCome ? "" : "?when=past"}>
        Events
      </BackLink>
      <PageHead title={event.name ?? event.eventId}>
        <Text>{event.startsAt ? time(event.startsAt) : "No date is known"}</Text>
      </PageHead>
      <Stack>
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
          <Figure label="Ticket holders" value={number(event.holders)}>
            <People segment={people("has_ticket")}>Who holds a ticket</People>
          </Figure>
          <Figure label="Attended" value={attended}>
            {!toCome && <People segment={people("attended")}>Who came</People>}
          </Figure>
          <Figure label="No-shows" value={noShows}>
            {noShows !== "–" && <People segment={people("no_show")}>Who did not come</People>}
          </Figure>
          <Figure label="Newcomers" value={known(event.newcomers)}>
            <Text size="sm">Hold no ticket of an earlier event</Text>
          </Figure>
          <Figure label="Returning" value={known(event.returning)}>
            <Text size="sm">Hold a ticket of an earlier event</Text>
          </Figure>
        </SimpleGrid>
        {(event.newcomers === null || event.returning === null) && (
          <Text size="sm" c="dimmed">
            Newcomers are told where the event's date is known, and where there are not too many
            people to look at.
          </Text>
        )}
        {!toCome && !isRecorded(event) && (
          <Text size="sm" c="dimmed">
            No check-in is recorded: everybody who holds a ticket counts as attended.
          </Text>
        )}
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          Customers, not tickets: who bought four for friends is one. Event {event.eventId}
        </Text>
      </Stack>
    </>
  );
}

function Figure(props: { label: string; value: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={props.label}>
      <Text size="sm" component="div">
        {props.label}
      </Text>
      <Text size="xl" fw={700} component="div" className="figures">
        {props.value}
      </Text>
      {props.children}
    </Paper>
  );
}

/** The ways on to the people of a segment: a list to sort and tag, and the segment to save. */
function People({ segment, children }: { segment: string; children: ReactNode }) {
  const asked = new URLSearchParams({ segment });
  return (
    <Group gap="md">
      <Link to={`/people?${asked}`}>{children}</Link>
      <Link to={`/segments/new?${asked}`} aria-label={`${children}, as a segment`}>
        As a segment
      </Link>
    </Group>
  );
}
