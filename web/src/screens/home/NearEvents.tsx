import { Button, Group, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { useNearEvents } from "../../api/home";
import type { EventRow } from "../../api/types";
import { day, number, time } from "../../format";
import { Card } from "../../ui/Card";
import { Spend } from "../../ui/CustomerCells";
import { EventLink } from "../../ui/EventParts";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";

/** The next event with its sales, and the events that took place last. */
export function NearEvents({ ready }: { ready: boolean }) {
  const near = useNearEvents(ready);
  const all = (
    <Button component={Link} to="/events" size="compact-sm" variant="default">
      {t("home.events.all")}
    </Button>
  );
  const { next, last } = near.data ?? {};
  return (
    <>
      <Card title={t("home.events.next")} action={all}>
        {near.error && <ErrorNotice error={near.error} retry={near.refetch} />}
        {!near.data && !near.error && <LoadingRows count={3} />}
        {next === null && <Text c="dimmed">{t("home.events.noneNext")}</Text>}
        {next && <Next event={next} />}
      </Card>
      <Card title={t("home.events.last")}>
        {!near.data && !near.error && <LoadingRows count={3} />}
        {last?.length === 0 && <Text c="dimmed">{t("home.events.noneLast")}</Text>}
        {last?.map((event) => (
          <Group key={event.eventId} justify="space-between" wrap="nowrap" align="start">
            <Stack gap={0}>
              <EventLink {...event} />
              <Text size="sm" c="dimmed">
                {day(event.startsAt)}
              </Text>
            </Stack>
            <Text size="sm" ta="right" flex="none" className="figures">
              {t("home.events.attended", { count: event.attended })}
            </Text>
          </Group>
        ))}
      </Card>
    </>
  );
}

function Next({ event }: { event: EventRow }) {
  const { orders = 0, revenue = {}, holders, newcomers, returning } = event;
  return (
    <Stack gap="xs">
      <div>
        <EventLink {...event} />
        <Text size="sm" c="dimmed">
          {time(event.startsAt)}
        </Text>
      </div>
      <Group justify="space-between" align="start">
        <div>
          <Text className="figures">{t("home.events.holders", { count: holders })}</Text>
          <Text className="figures">{t("home.events.orders", { count: orders })}</Text>
        </div>
        <Text ta="right" fw={700} component="div">
          <Spend spend={revenue} />
        </Text>
      </Group>
      {newcomers !== null && returning !== null && (
        <Text size="sm" c="dimmed">
          {t("home.events.who", { newcomers: number(newcomers), returning: number(returning) })}
        </Text>
      )}
    </Stack>
  );
}
