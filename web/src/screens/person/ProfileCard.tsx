import { Badge, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Customer } from "../../api/types";
import { day, number } from "../../format";
import { Card } from "../../ui/Card";
import { NotVerified, Spend } from "../../ui/CustomerCells";

/** Addresses and accounts of a customer, with spend and orders in figures. */
export function ProfileCard({ customer }: { customer: Customer }) {
  const address = (email: string) => (
    <Group key={email} gap="xs">
      <Text style={{ overflowWrap: "anywhere" }}>{email}</Text>
      {email === customer.primaryEmail && (
        <Badge size="sm" variant="default" tt="none">
          primary
        </Badge>
      )}
    </Group>
  );
  const unproven = customer.registered && !customer.primaryEmail;
  return (
    <Card title="Who this is">
      <Stack gap={4}>
        {customer.emails.map(address)}
        {customer.contactEmail && (
          <Group gap="xs">
            <Text style={{ overflowWrap: "anywhere" }}>{customer.contactEmail}</Text>
            <NotVerified />
          </Group>
        )}
        {unproven && <Text c="dimmed">The account's address is not proven yet.</Text>}
        {customer.userIds.map((uid) => (
          <Text size="sm" c="dimmed" key={uid} style={{ overflowWrap: "anywhere" }}>
            Account {uid}
          </Text>
        ))}
      </Stack>
      <SimpleGrid cols={2} spacing="sm">
        <Figure label="Spent" wide>
          <Spend spend={customer.totalSpend} />
        </Figure>
        <Figure label="Orders">{number(customer.orderCount)}</Figure>
        <Figure label="First order">{day(customer.firstOrderAt)}</Figure>
        <Figure label="Last order">{day(customer.lastOrderAt)}</Figure>
      </SimpleGrid>
    </Card>
  );
}

function Figure(props: { label: string; wide?: boolean; children: ReactNode }) {
  const { label, children } = props;
  return (
    <div className={props.wide ? "wide" : undefined}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Text fw={600} component="div">
        {children}
      </Text>
    </div>
  );
}
