import { Badge, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useId } from "react";
import type { Customer, TicketedEvent } from "../../api/types";
import { time } from "../../format";
import { EventLink } from "../../ui/EventParts";
import { EmptyNotice } from "../../ui/PageParts";
import { t } from "../../words";
import { attendanceOf, inOrder } from "./standing";

/** The events that somebody holds or held tickets for. */
export function EventsTab({ customer }: { customer: Customer }) {
  const now = new Date();
  const { upcoming, past } = inOrder(customer.events, now);
  if (!upcoming.length && !past.length) return <EmptyNotice title={t("person.events.none")} />;
  return (
    <Stack>
      <Part title={t("person.events.toCome")} events={upcoming} now={now} />
      <Part title={t("person.events.past")} events={past} now={now} />
    </Stack>
  );
}

function Part(props: { title: string; events: [string, TicketedEvent][]; now: Date }) {
  const id = useId();
  if (!props.events.length) return null;
  return (
    <section aria-labelledby={id}>
      <Title order={2} size="h5" mb="xs" id={id}>
        {props.title}
      </Title>
      <Stack gap="xs" component="ul" m={0} p={0} className="plain" aria-labelledby={id}>
        {props.events.map(([eventId, event]) => (
          <Paper component="li" withBorder p="sm" key={eventId}>
            <Group justify="space-between" gap="xs">
              <EventLink eventId={eventId} name={event.name} />
              <Badge variant="default" tt="none" miw="max-content">
                {attendanceInWords(event, props.now)}
              </Badge>
            </Group>
            <Text size="sm" c="dimmed">
              {event.startsAt ? time(event.startsAt) : t("person.events.undated")}
              {" · "}
              {t("person.events.tickets", { count: event.tickets })}
            </Text>
          </Paper>
        ))}
      </Stack>
    </section>
  );
}

/** Whether somebody was, or will be, at an event, in words. */
export function attendanceInWords(event: TicketedEvent, now: Date): string {
  const attendance = attendanceOf(event, now);
  if (attendance !== "attended") return t(`person.events.${attendance}`);
  if (!event.checkedIn) return t("person.events.attendedByTicket");
  return t("person.events.attended", { some: event.checkedIn, all: event.tickets });
}
