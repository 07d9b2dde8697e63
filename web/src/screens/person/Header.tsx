import { Badge, Button, Group, Menu, Text } from "@mantine/core";
import { IconArrowsJoin, IconChevronDown, IconDownload, IconTrash } from "@tabler/icons-react";
import type { Customer, Moment } from "../../api/types";
import { day } from "../../format";
import { useMayAny } from "../../session";
import { BackLink } from "../../ui/BackLink";
import { mailAddressOf, NotVerified, nameOf } from "../../ui/CustomerCells";
import { PageHead } from "../../ui/PageParts";
import { t } from "../../words";

const ICON = { size: 16, "aria-hidden": true } as const;

/** Who it is, since when, and what can be done with all of the person. */
export function Header(props: {
  customer: Customer;
  since: Moment;
  merge: () => void;
  download: () => void;
  erase: () => void;
}) {
  const { customer } = props;
  const may = useMayAny();
  const address = mailAddressOf(customer);
  return (
    <>
      <BackLink path="/people">{t("person.people")}</BackLink>
      <PageHead title={nameOf(customer)}>
        <Badge variant="default" tt="none">
          {customer.registered ? t("person.registered") : t("person.guest")}
        </Badge>
        {may("editor") && (
          <Menu position="bottom-end">
            <Menu.Target>
              <Button
                variant="default"
                size="compact-md"
                className="not-printed"
                rightSection={<IconChevronDown size={16} aria-hidden />}
              >
                {t("person.actions")}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconArrowsJoin {...ICON} />} onClick={props.merge}>
                {t("person.merge.open")}
              </Menu.Item>
              {may("admin") && (
                <>
                  <Menu.Item leftSection={<IconDownload {...ICON} />} onClick={props.download}>
                    {t("person.export.open")}
                  </Menu.Item>
                  <Menu.Item leftSection={<IconTrash {...ICON} />} onClick={props.erase}>
                    {t("person.erase.open")}
                  </Menu.Item>
                </>
              )}
            </Menu.Dropdown>
          </Menu>
        )}
      </PageHead>
      <Group gap="xs" mb="md">
        {customer.name && address && <Text>{address}</Text>}
        {customer.contactEmail && <NotVerified />}
        <Text c="dimmed">{t("person.since", { day: day(props.since) })}</Text>
      </Group>
    </>
  );
}
