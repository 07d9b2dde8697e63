import { Badge, Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTagLabels } from "../../api/queries";
import type { Customer } from "../../api/types";
import { day, number } from "../../format";
import { ConsentBadge, NotVerified, nameOf, Spend, TagList } from "../../ui/CustomerCells";
import { t } from "../../words";
import { customerSince } from "./since";
import { standingOf } from "./standing";
import "./comparison.css";

/** Two people beside each other: who stays on the left, who is merged away on the right. */
export function Comparison({ stays, goes }: { stays: Customer; goes: Customer }) {
  const labels = useTagLabels();
  const now = new Date();
  const rows: [string, (one: Customer) => ReactNode][] = [
    [t("person.merge.addresses"), addresses],
    [t("person.merge.account"), (one) => t(one.registered ? "person.registered" : "person.guest")],
    [t("person.orders.title"), (one) => number(one.orderCount)],
    [t("person.spent"), (one) => <Spend spend={one.totalSpend} />],
    [
      t("person.attendedEvents"),
      (one) => {
        const { begun, attended } = standingOf(one.events, now);
        return begun ? t("person.ofThem", { some: number(attended), all: number(begun) }) : "–";
      },
    ],
    [t("person.tab.consent"), (one) => <ConsentBadge marketing={one.marketing} />],
    [
      t("person.tags.title"),
      (one) => (one.tags.length ? <TagList tags={one.tags} labels={labels} /> : "–"),
    ],
    [t("person.customerSince"), (one) => day(customerSince(one, []))],
  ];
  return (
    <table className="comparison" aria-label={t("person.merge.sideBySide")}>
      <thead>
        <tr>
          <Head customer={stays} says={t("person.merge.stays")} />
          <Head customer={goes} says={t("person.merge.goes")} />
        </tr>
      </thead>
      {rows.map(([label, cell]) => (
        <tbody key={label}>
          <tr>
            <th scope="rowgroup" colSpan={2}>
              {label}
            </th>
          </tr>
          <tr>
            <td>{cell(stays)}</td>
            <td>{cell(goes)}</td>
          </tr>
        </tbody>
      ))}
    </table>
  );
}

function Head({ customer, says }: { customer: Customer; says: string }) {
  return (
    <th scope="col">
      <Text fw={700}>{nameOf(customer)}</Text>
      <Badge variant="default" tt="none" miw="max-content">
        {says}
      </Badge>
    </th>
  );
}

function addresses(one: Customer): ReactNode {
  return (
    <>
      {one.emails.map((email) => (
        <Text size="sm" key={email}>
          {email}
        </Text>
      ))}
      {one.contactEmail && (
        <Group gap="xs">
          <Text size="sm">{one.contactEmail}</Text>
          <NotVerified />
        </Group>
      )}
      {!one.emails.length && !one.contactEmail && "–"}
    </>
  );
}
