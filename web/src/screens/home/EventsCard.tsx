import { Button, Group, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { useEventList } from "../../api/events";
import { day, number } from "../../format";
import { Card } from "../../ui/Card";
import { EventLink } from "../../ui/EventParts";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";

const SHOWN = 5;

/** The events that took place last, with how many were there. */
export function EventsCard() {
  const past = useEventList("", "past", SHOWN);
  const events = past.data?.pages[0]?.events;
  const all = (
    <Button component={Link} to="/events" size="compact-sm" variant="default">
      All events
    </Button>
  );
  return (
    <Card title="The last events" action={all}>
      {past.error && <ErrorNotice error={past.error} retry={past.refetch} />}
      {!events && !past.error && <LoadingRows count={SHOWN} />}
      {events?.length === 0 && <Text c="dimmed">No event has taken place yet.</Text>}
      {events?.map((event) => (
        <Group key={event.eventId} justify="space-between" wrap="nowrap" align="start">
          <Stack gap={0}>
            <EventLink {...event} />
            <Text size="sm" c="dimmed">
              {day(event.startsAt)}
            </Text>
          </Stack>
          <Text size="sm" ta="right" flex="none" className="figures">
            {number(event.attended)} attended
          </Text>
        </Group>
      ))}
    </Card>
  );
}
