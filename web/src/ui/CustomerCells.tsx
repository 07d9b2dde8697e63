import { Badge, Group, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Customer, Marketing, Status } from "../api/types";
import { money } from "../format";
import { t } from "../words";

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

/** A word of any length goes on in the next line. */
const WHOLE = { label: { whiteSpace: "normal", overflowWrap: "anywhere" } } as const;

/** Tags by their labels. */
export function TagList({ tags, labels }: { tags: string[]; labels: Map<string, string> }) {
  return (
    <Group gap={4}>
      {tags.map((tag) => (
        <Badge key={tag} variant="default" tt="none" radius="sm" h="auto" maw="100%" styles={WHOLE}>
          {labels.get(tag) ?? tag}
        </Badge>
      ))}
    </Group>
  );
}

/** The name of a customer, or what stands in for it. */
export const nameOf = (customer: Customer) =>
  customer.name ?? mailAddressOf(customer) ?? t("shared.namelessPerson");

/** The address that mail to a customer goes to, proven or not. */
export const mailAddressOf = (customer: Customer) => customer.primaryEmail ?? customer.contactEmail;

/** That nobody has shown an address to be theirs. */
export function NotVerified() {
  return (
    <Badge size="sm" variant="default" tt="none" miw="max-content">
      {t("shared.notVerified")}
    </Badge>
  );
}

/** A customer's name and address, with a link to its page; the name alone where the address stands elsewhere. */
export function CustomerLink(props: { customer: Customer; address?: boolean }) {
  const { customer, address = true } = props;
  return (
    <Stack gap={0}>
      <Link to={`/people/${customer.customerId}`} className="link">
        {nameOf(customer)}
      </Link>
      {address && (
        <Group gap="xs">
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {customer.name ? mailAddressOf(customer) : ""}
          </Text>
          {customer.contactEmail && <NotVerified />}
        </Group>
      )}
    </Stack>
  );
}

/** How somebody stands to the newsletter. Who was asked and did not tick the box said no. */
const consentWords = (): Record<Status, string> => ({
  subscribed: t("shared.subscribed"),
  unsubscribed: t("shared.unsubscribed"),
  none: t("shared.notSubscribed"),
});

/** A badge that says whether a customer gets newsletters. */
export function ConsentBadge({ marketing }: { marketing: Marketing }) {
  const { status, pending, unreachable } = marketing;
  const colour = { subscribed: "teal", unsubscribed: "red", none: "gray" }[status];
  return (
    <Group gap={4}>
      <Badge variant="dot" color={colour} tt="none" c="var(--mantine-color-text)" miw="max-content">
        {consentWords()[status]}
      </Badge>
      {pending && (
        <Badge variant="default" tt="none" miw="max-content">
          {t("shared.optInPending")}
        </Badge>
      )}
      {unreachable && (
        <Badge variant="default" tt="none" miw="max-content">
          {t("shared.unreachable")}
        </Badge>
      )}
    </Group>
  );
}
