import { Badge, Group, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Customer, Status } from "../api/types";
import { money } from "../format";

/** A spend for each currency; amounts of different currencies are never added. */
export function Spend({ spend }: { spend: Record<string, number> }) {
  const entries = Object.entries(spend).sort();
  if (!entries.length) return <>–</>;
  return (
    <Stack gap={0} className="figures">
      {entries.map(([currency, minor]) => (
        <span key={currency}>{money(minor, currency)}</span>
      ))}
    </Stack>
  );
}

/** Tags by their labels. */
export function TagList({ tags, labels }: { tags: string[]; labels: Map<string, string> }) {
  return (
    <Group gap={4}>
      {tags.map((tag) => (
        <Badge key={tag} variant="default" tt="none" radius="sm">
          {labels.get(tag) ?? tag}
        </Badge>
      ))}
    </Group>
  );
}

/** The name of a customer, or what stands in for it. */
export const nameOf = (customer: Customer) =>
  customer.name ?? customer.primaryEmail ?? "Nameless customer";

/** A customer's name and address, with a link to its page. */
export function CustomerLink({ customer }: { customer: Customer }) {
  return (
    <Stack gap={0}>
      <Link to={`/customers/${customer.customerId}`} className="link">
        {nameOf(customer)}
      </Link>
      <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {customer.name ? customer.primaryEmail : ""}
      </Text>
    </Stack>
  );
}

const CONSENT: Record<Status, string> = {
  subscribed: "Subscribed",
  unsubscribed: "Unsubscribed",
  none: "Never asked",
};

/** A badge that says whether a customer gets newsletters. */
export function ConsentBadge({ status }: { status: Status }) {
  const colour = { subscribed: "teal", unsubscribed: "red", none: "gray" }[status];
  return (
    <Badge variant="dot" color={colour} tt="none" c="var(--mantine-color-text)">
      {CONSENT[status]}
    </Badge>
  );
}
