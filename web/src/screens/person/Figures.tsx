import { Paper, SimpleGrid, Text } from "@mantine/core";
import { type ReactNode, useId } from "react";
import type { Customer } from "../../api/types";
import { day, number } from "../../format";
import { Spend } from "../../ui/CustomerCells";
import { EventLink } from "../../ui/EventParts";
import { t } from "../../words";
import { standingOf } from "./standing";

/** What somebody spent, ordered and attended, and where the person will be next. */
export function Figures({ customer }: { customer: Customer }) {
  const { begun, attended, next } = standingOf(customer.events, new Date());
  const coming = next ? customer.events[next] : undefined;
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md" mb="md">
      <Figure label={t("person.spent")} wide>
        <Spend spend={customer.totalSpend} />
      </Figure>
      <Figure
        label={t("person.orders.title")}
        more={
          customer.lastOrderAt
            ? t("person.lastOrder", { day: day(customer.lastOrderAt) })
            : undefined
        }
      >
        {number(customer.orderCount)}
      </Figure>
      <Figure label={t("person.attendedEvents")}>
        {begun ? t("person.ofThem", { some: number(attended), all: number(begun) }) : "–"}
      </Figure>
      <Figure
        label={t("person.nextEvent")}
        more={coming?.startsAt ? day(coming.startsAt) : undefined}
        wide
      >
        {next ? <EventLink eventId={next} name={coming?.name} /> : "–"}
      </Figure>
    </SimpleGrid>
  );
}

function Figure(props: { label: string; more?: string; wide?: boolean; children: ReactNode }) {
  const id = useId();
  return (
    <Paper
      withBorder
      p="sm"
      component="section"
      aria-labelledby={id}
      className={props.wide ? "wide" : undefined}
    >
      <Text size="sm" c="dimmed" id={id}>
        {props.label}
      </Text>
      <Text fw={600} component="div">
        {props.children}
      </Text>
      {props.more && (
        <Text size="sm" c="dimmed">
          {props.more}
        </Text>
      )}
    </Paper>
  );
}
