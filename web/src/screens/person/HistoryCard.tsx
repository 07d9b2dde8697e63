import { Badge, Button, Group, Text, Timeline } from "@mantine/core";
import {
  IconCalendarEvent,
  IconMail,
  IconPencil,
  IconReceipt,
  IconUserPlus,
} from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { call } from "../../api/calls";
import type { AuditEntry, Customer, Moment, Order, TicketedEvent } from "../../api/types";
import { useBackend } from "../../backend";
import { dateOf, money, plural, time } from "../../format";
import { useMay } from "../../session";
import { Card } from "../../ui/Card";
import { EventLink } from "../../ui/EventParts";
import { EmptyNotice, ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { attendance } from "./attendance";
import { type Decision, decisionsOf, sourceOf, useConsents } from "./consents";
import { customerSince } from "./since";

/** An entry of the history. */
interface Happening {
  key: string;
  at: Moment;
  title: ReactNode;
  icon: ReactNode;
  body?: ReactNode;
}

const ICON = { size: 14, "aria-hidden": true } as const;

const ACTIONS: Record<string, string> = {
  "customer.merge": "Merged",
  "customer.unmerge": "A merge was undone",
  "customer.tag": "Tags changed",
  "customer.export": "Exported",
  "customer.claim": "Guest orders claimed",
};

/** Orders, events, consent and what staff did, the latest first. */
export function HistoryCard({ customer, version }: { customer: Customer; version: number }) {
  const backend = useBackend();
  const admin = useMay("admin");
  const { customerId } = customer;
  const orders = useInfiniteQuery({
    queryKey: ["orders", customerId, version],
    queryFn: ({ pageParam }) =>
      call<{ orders: Order[]; nextPageToken: string | null }>(backend, "list_orders", {
        customerId,
        pageSize: 50,
        pageToken: pageParam,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextPageToken,
    placeholderData: (before, query) => (query?.queryKey[1] === customerId ? before : undefined),
  });
  const consents = useConsents(customerId, version);
  const audit = useInfiniteQuery({
    queryKey: ["audit", customerId, version],
    queryFn: ({ pageParam }) =>
      call<{ entries: AuditEntry[]; nextPageToken: string | null }>(backend, "list_audit", {
        customerId,
        pageToken: pageParam,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextPageToken,
    enabled: admin,
    // Of the same person alone: what was done to somebody else is shown to nobody here.
    placeholderData: (before, query) => (query?.queryKey[1] === customerId ? before : undefined),
  });
  const longer = [orders, consents, audit].filter((one) => one.hasNextPage);
  if (orders.error) return <ErrorNotice error={orders.error} retry={orders.refetch} />;
  if (!orders.data) {
    return (
      <Card title="History">
        <LoadingRows />
      </Card>
    );
  }
  const known = orders.data.pages.flatMap((page) => page.orders);
  const since = orders.hasNextPage ? null : customerSince(customer, known);
  const rows: Happening[] = [
    ...known.map((one) => ordered(one, customer)),
    ...Object.entries(customer.events).flatMap(([id, event]) => held(id, event)),
    ...decisionsOf(consents.data?.pages.flatMap((page) => page.consents) ?? []).map(decided),
    ...(audit.data?.pages.flatMap((page) => page.entries) ?? [])
      .filter((one) => !one.action.startsWith("consent."))
      .map(acted),
    ...(since
      ? [{ key: "since", at: since, title: "Customer since", icon: <IconUserPlus {...ICON} /> }]
      : []),
  ].sort((one, other) => dateOf(other.at).getTime() - dateOf(one.at).getTime());
  return (
    <Card title="History">
      {!rows.length && <EmptyNotice title="Nothing has happened yet." />}
      <Timeline bulletSize={26} lineWidth={2} data-testid="history">
        {rows.map((row) => (
          <Timeline.Item key={row.key} bullet={row.icon} title={row.title}>
            {row.body}
            <Text size="sm" c="dimmed">
              {time(row.at)}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
      {longer.length > 0 && (
        <Button
          variant="default"
          loading={longer.some((one) => one.isFetchingNextPage)}
          onClick={() => {
            for (const one of longer) one.fetchNextPage();
          }}
        >
          Older entries
        </Button>
      )}
    </Card>
  );
}

function ordered(order: Order, customer: Customer): Happening {
  const amount =
    order.net === null || !order.currency ? "" : `: ${money(order.net, order.currency)}`;
  return {
    key: `order ${order.orderId}`,
    at: order.createdAt ?? customer.createdAt,
    title: `Order ${order.orderId}${amount}`,
    icon: <IconReceipt {...ICON} />,
    body: (
      <>
        <Group gap="xs">
          <Badge variant="default" tt="none">
            {order.status}
          </Badge>
          {!order.counted && <Text size="sm">not counted</Text>}
          {!!order.refunded && order.currency && (
            <Text size="sm">refunded {money(order.refunded, order.currency)}</Text>
          )}
          {!!order.oddCount && <Text size="sm">{plural(order.oddCount, "odd item")}</Text>}
        </Group>
        {order.eventIds.map((id) => (
          <Text size="sm" key={id}>
            <EventLink eventId={id} name={customer.events[id]?.name} />
          </Text>
        ))}
      </>
    ),
  };
}

function held(eventId: string, event: TicketedEvent): Happening[] {
  if (!event.startsAt) return [];
  return [
    {
      key: `event ${eventId}`,
      at: event.startsAt,
      title: <EventLink eventId={eventId} name={event.name} />,
      icon: <IconCalendarEvent {...ICON} />,
      body: (
        <Text size="sm">
          {`${plural(event.tickets, "ticket")}, ${attendance(event, new Date())}`}
        </Text>
      ),
    },
  ];
}

function decided({ consentId, at, status, source }: Decision): Happening {
  return {
    key: `consent ${consentId}`,
    at,
    title: status === "subscribed" ? "Newsletter: agreed" : "Newsletter: withdrew",
    icon: <IconMail {...ICON} />,
    body: <Text size="sm">{sourceOf(source)}</Text>,
  };
}

function acted(entry: AuditEntry): Happening {
  return {
    key: `audit ${entry.entryId}`,
    at: entry.at,
    title: ACTIONS[entry.action] ?? entry.action,
    icon: <IconPencil {...ICON} />,
  };
}
