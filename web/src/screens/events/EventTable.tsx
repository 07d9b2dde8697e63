import { Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { EventRow } from "../../api/types";
import { day, number } from "../../format";
import { Spend } from "../../ui/CustomerCells";
import { EventLink } from "../../ui/EventParts";
import { t } from "../../words";
import { cameOf } from "./attendance";

/** A number that may not be known. */
const known = (value: number | null | undefined) => (value == null ? "–" : number(value));

/** Events in rows, each of which leads to its page. */
export function EventTable({ events }: { events: EventRow[] }) {
  const now = new Date();
  return (
    <Table.ScrollContainer minWidth={320} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="sm" highlightOnHover aria-label={t("events.title")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("events.event")}</Table.Th>
            <Table.Th visibleFrom="sm">{t("events.date")}</Table.Th>
            <Table.Th ta="right">{t("events.sold")}</Table.Th>
            <Table.Th ta="right">{t("events.came")}</Table.Th>
            <Table.Th ta="right" visibleFrom="sm">
              {t("events.noShows")}
            </Table.Th>
            <Table.Th ta="right" visibleFrom="sm">
              {t("events.revenue")}
            </Table.Th>
            <Table.Th ta="right" visibleFrom="md">
              {t("events.new")}
            </Table.Th>
            <Table.Th ta="right" visibleFrom="md">
              {t("events.returning")}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {events.map((event) => {
            const { attended, noShows } = cameOf(event, now);
            return (
              <Table.Tr key={event.eventId} className="leads">
                <Table.Td>
                  <EventLink {...event} />
                  <Text size="sm" c="dimmed" hiddenFrom="sm">
                    {day(event.startsAt)}
                  </Text>
                </Table.Td>
                <Table.Td visibleFrom="sm">{day(event.startsAt)}</Table.Td>
                <Figure>{number(event.holders)}</Figure>
                <Figure>{attended}</Figure>
                <Figure from="sm">{noShows}</Figure>
                <Figure from="sm">{event.revenue ? <Spend spend={event.revenue} /> : "–"}</Figure>
                <Figure from="md">{known(event.newcomers)}</Figure>
                <Figure from="md">{known(event.returning)}</Figure>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Figure({ from, children }: { from?: "sm" | "md"; children: ReactNode }) {
  return (
    <Table.Td ta="right" className="figures" visibleFrom={from}>
      {children}
    </Table.Td>
  );
}
