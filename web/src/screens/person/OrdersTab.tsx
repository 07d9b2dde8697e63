import { Badge, Button, Group, Paper, Stack, Text } from "@mantine/core";
import type { Rows } from "../../api/person";
import type { Customer, Order } from "../../api/types";
import { money, time } from "../../format";
import { EventLink } from "../../ui/EventParts";
import { EmptyNotice, ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";
import { OrderNumber } from "./OrderNumber";
import { statusInWords } from "./statuses";

/** A person's orders, the newest first. */
export function OrdersTab({ customer, orders }: { customer: Customer; orders: Rows<Order> }) {
  if (orders.error) return <ErrorNotice error={orders.error} retry={orders.retry} />;
  if (!orders.rows) return <LoadingRows />;
  if (!orders.rows.length) return <EmptyNotice title={t("person.orders.none")} />;
  return (
    <Stack gap="sm">
      <Stack
        gap="xs"
        component="ul"
        m={0}
        p={0}
        className="plain"
        aria-label={t("person.orders.title")}
      >
        {orders.rows.map((order) => (
          <Paper component="li" withBorder p="sm" key={order.orderId}>
            <OrderRow order={order} customer={customer} />
          </Paper>
        ))}
      </Stack>
      {orders.more && (
        <Group>
          <Button variant="default" loading={orders.fetching} onClick={orders.fetchMore}>
            {t("person.orders.earlier")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function OrderRow({ order, customer }: { order: Order; customer: Customer }) {
  return (
    <Stack gap={4}>
      <Group justify="space-between" gap="xs">
        <Text fw={600}>
          <OrderNumber orderId={order.orderId} />
        </Text>
        {order.net !== null && order.currency && (
          <Text fw={600} className="figures">
            {money(order.net, order.currency)}
          </Text>
        )}
      </Group>
      <Group gap="xs">
        <OrderState order={order} />
        {order.createdAt && (
          <Text size="sm" c="dimmed">
            {time(order.createdAt)}
          </Text>
        )}
      </Group>
      {order.eventIds.map((id) => (
        <Text size="sm" lh="24px" key={id}>
          <EventLink eventId={id} name={customer.events[id]?.name} />
        </Text>
      ))}
    </Stack>
  );
}

/** How an order stands, and what of it is in no total. */
export function OrderState({ order }: { order: Order }) {
  return (
    <Group gap="xs">
      <Badge variant="default" tt="none" miw="max-content">
        {statusInWords(order.status)}
      </Badge>
      {!order.counted && <Text size="sm">{t("person.orders.notIncluded")}</Text>}
      {!!order.refunded && order.currency && (
        <Text size="sm">
          {t("person.orders.refunded", { amount: money(order.refunded, order.currency) })}
        </Text>
      )}
      {!!order.oddCount && (
        <Text size="sm">{t("person.orders.oddItems", { count: order.oddCount })}</Text>
      )}
    </Group>
  );
}
