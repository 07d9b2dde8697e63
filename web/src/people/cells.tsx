import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { OwnField } from "../api/ownFields";
import type { Customer, Moment, Sort } from "../api/types";
import { dateOf, day, isDay, number, wholeDay } from "../format";
import { ConsentBadge, mailAddressOf, NotVerified, Spend, TagList } from "../ui/CustomerCells";
import { t } from "../words";
import type { Column } from "./columns";

/** The columns of figures, which stand at the right. */
export const FIGURES: readonly Column[] = ["spend", "orders", "attended"];

const SORTED: Partial<Record<Column, Sort["by"]>> = {
  spend: "totalSpend",
  orders: "orderCount",
  firstOrder: "firstOrderAt",
  lastOrder: "lastOrderAt",
};

/** What a click on a column's head sorts by; none where the server has no such order. */
export const sortedBy = (column: Column): Sort["by"] | undefined => SORTED[column];

const ownName = (column: Column) => (column.startsWith("field:") ? column.slice(6) : null);

/** The name of a column. */
export function columnName(column: Column, fields: OwnField[]): string {
  const own = ownName(column);
  if (own !== null) return fields.find((one) => one.name === own)?.label ?? own;
  return t(`people.columns.${column as "tags"}`);
}

/** Whether there is nothing to show, so that a card leaves the line out. */
export function isEmpty(customer: Customer, column: Column): boolean {
  const own = ownName(column);
  if (own !== null) return customer.fields?.[own] === undefined;
  switch (column) {
    case "tags":
      return !customer.tags.length;
    case "firstOrder":
      return !customer.firstOrderAt;
    case "lastOrder":
      return !customer.lastOrderAt;
    case "spend":
      return !Object.keys(customer.totalSpend).length;
    case "address":
      return !mailAddressOf(customer);
    default:
      return false;
  }
}

/** A value of an own field, as people write it. */
export function fieldText(value: string | number | boolean | undefined): string {
  if (value === undefined) return "–";
  if (typeof value === "number") return number(value);
  if (typeof value === "boolean") return t(value ? "people.filter.yes" : "people.filter.no");
  return isDay(value) ? wholeDay(value) : value;
}

/** Since when somebody is known: from the first order on, also where that was taken in later. */
export function customerSince({ createdAt, firstOrderAt }: Customer): Moment {
  if (!firstOrderAt) return createdAt;
  return dateOf(firstOrderAt) < dateOf(createdAt) ? firstOrderAt : createdAt;
}

/** What a column shows of somebody. */
export function cellOf(
  customer: Customer,
  column: Column,
  known: { labels: Map<string, string> },
): ReactNode {
  const own = ownName(column);
  if (own !== null) return <Text size="sm">{fieldText(customer.fields?.[own])}</Text>;
  switch (column) {
    case "address":
      return (
        <Group gap="xs">
          <Text size="sm">{mailAddressOf(customer) ?? "–"}</Text>
          {customer.contactEmail && <NotVerified />}
        </Group>
      );
    case "tags":
      return <TagList tags={customer.tags} labels={known.labels} />;
    case "spend":
      return <Spend spend={customer.totalSpend} />;
    case "orders":
      return <span className="figures">{number(customer.orderCount)}</span>;
    case "attended":
      return <span className="figures">{number(customer.attendedEventIds.length)}</span>;
    case "firstOrder":
      return day(customer.firstOrderAt);
    case "lastOrder":
      return day(customer.lastOrderAt);
    case "since":
      return day(customerSince(customer));
    default:
      return <ConsentBadge marketing={customer.marketing} />;
  }
}
