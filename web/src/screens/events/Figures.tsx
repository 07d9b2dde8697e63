import { Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { EventFigures, EventSales } from "../../api/types";
import { number } from "../../format";
import { Spend } from "../../ui/CustomerCells";
import { t } from "../../words";
import { cameOf, isRecorded } from "./attendance";

const known = (value: number | null | undefined) => (value == null ? "–" : number(value));

/** The figures of an event, and what they rest on. */
export function Figures(props: {
  event: EventFigures;
  sales: EventSales | undefined;
  toCome: boolean;
}) {
  const { event, sales, toCome } = props;
  const { attended, noShows } = cameOf(event, new Date());
  return (
    <Stack gap="xs">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
        <Figure label={t("events.tickets")} value={known(sales?.tickets)}>
          {sales && t("events.ticketsHint", { count: sales.orders })}
        </Figure>
        <Figure label={t("events.people")} value={number(event.holders)}>
          {t("events.peopleHint")}
        </Figure>
        <Figure label={t("events.came")} value={attended}>
          {t("events.cameHint")}
        </Figure>
        <Figure label={t("events.noShows")} value={noShows}>
          {t("events.noShowsHint")}
        </Figure>
        <Figure label={t("events.new")} value={known(event.newcomers)}>
          {t("events.newHint")}
        </Figure>
        <Figure label={t("events.returning")} value={known(event.returning)}>
          {t("events.returningHint")}
        </Figure>
        <Figure label={t("events.revenue")} value={sales ? <Spend spend={sales.revenue} /> : "–"}>
          {t("events.revenueHint")}
        </Figure>
      </SimpleGrid>
      {!!sales?.sharedOrders && (
        <Text size="sm" c="dimmed">
          {t("events.shared", { count: sales.sharedOrders })}
        </Text>
      )}
      {event.newcomers === null && (
        <Text size="sm" c="dimmed">
          {t("events.newUnknown")}
        </Text>
      )}
      {!toCome && !isRecorded(event) && (
        <Text size="sm" c="dimmed">
          {t("events.notRecorded")}
        </Text>
      )}
    </Stack>
  );
}

function Figure(props: { label: string; value: ReactNode; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={props.label}>
      <Text size="sm" component="div">
        {props.label}
      </Text>
      <Text size="xl" fw={700} component="div" className="figures">
        {props.value}
      </Text>
      <Text size="sm" c="dimmed">
        {props.children}
      </Text>
    </Paper>
  );
}
