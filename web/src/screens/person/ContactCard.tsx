import { Badge, Group, Stack, Text } from "@mantine/core";
import type { Customer } from "../../api/types";
import { Card } from "../../ui/Card";
import { NotVerified } from "../../ui/CustomerCells";
import { t } from "../../words";

/** Every address and account of a person. */
export function ContactCard({ customer }: { customer: Customer }) {
  return (
    <Card title={t("person.contact")}>
      <Stack gap={4}>
        {customer.emails.map((email) => (
          <Group key={email} gap="xs">
            <Text>{email}</Text>
            {email === customer.primaryEmail && (
              <Badge size="sm" variant="default" tt="none" miw="max-content">
                {t("person.primary")}
              </Badge>
            )}
          </Group>
        ))}
        {customer.contactEmail && (
          <Group gap="xs">
            <Text>{customer.contactEmail}</Text>
            <NotVerified />
          </Group>
        )}
        {customer.registered && !customer.primaryEmail && (
          <Text c="dimmed">{t("person.addressNotProven")}</Text>
        )}
        {customer.userIds.map((uid) => (
          <Text size="sm" c="dimmed" key={uid}>
            {t("person.account", { uid })}
          </Text>
        ))}
      </Stack>
    </Card>
  );
}
