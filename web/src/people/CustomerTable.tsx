import { Checkbox, Table, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Customer, Sort } from "../api/types";
import { day, number } from "../format";
import { ConsentBadge, CustomerLink, mailAddressOf, Spend, TagList } from "../ui/CustomerCells";
import { ariaSort, clicked } from "./sorting";

/** Customers in rows. What they can be sorted by is in the heads of the columns. */
export function CustomerTable(props: {
  customers: Customer[];
  labels: Map<string, string>;
  selected: Set<string>;
  toggle?: (ids: string[], on: boolean) => void;
  /** How they are sorted; null where they are not. */
  sort: Sort | null;
  setSort: (sort: Sort) => void;
  /** The currency whose spend a click sorts by. */
  currency: string | undefined;
  busy: boolean;
}) {
  const { customers, selected, toggle, sort, setSort, currency } = props;
  const all = customers.every((one) => selected.has(one.customerId));
  const some = customers.some((one) => selected.has(one.customerId));
  const head = (by: Sort["by"], label: string) =>
    sort && (by !== "totalSpend" || currency) ? (
      <SortButton how={ariaSort(sort, by)} click={() => setSort(clicked(sort, by, currency))}>
        {label}
      </SortButton>
    ) : (
      label
    );
  const sorted = (by: Sort["by"]) => ({ "aria-sort": sort ? ariaSort(sort, by) : undefined });
  return (
    <Table.ScrollContainer minWidth={320} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="xs" highlightOnHover aria-label="People" aria-busy={props.busy}>
        <Table.Thead>
          <Table.Tr>
            {toggle && (
              <Table.Th w={40}>
                <Checkbox
                  aria-label="Select all shown"
                  checked={all}
                  indeterminate={some && !all}
                  onChange={(event) =>
                    toggle(
                      customers.map((one) => one.customerId),
                      event.currentTarget.checked,
                    )
                  }
                />
              </Table.Th>
            )}
            <Table.Th>Customer</Table.Th>
            <Table.Th visibleFrom="sm">Tags</Table.Th>
            <Table.Th ta="right" {...sorted("totalSpend")}>
              {head("totalSpend", "Spend")}
            </Table.Th>
            <Table.Th ta="right" visibleFrom="sm" {...sorted("orderCount")}>
              {head("orderCount", "Orders")}
            </Table.Th>
            <Table.Th visibleFrom="md" {...sorted("firstOrderAt")}>
              {head("firstOrderAt", "First order")}
            </Table.Th>
            <Table.Th visibleFrom="sm" {...sorted("lastOrderAt")}>
              {head("lastOrderAt", "Last order")}
            </Table.Th>
            <Table.Th visibleFrom="md">Newsletter</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {customers.map((one) => (
            <Table.Tr key={one.customerId}>
              {toggle && (
                <Table.Td>
                  <Checkbox
                    aria-label={`Select ${one.name ?? mailAddressOf(one) ?? one.customerId}`}
                    checked={selected.has(one.customerId)}
                    onChange={(event) => toggle([one.customerId], event.currentTarget.checked)}
                  />
                </Table.Td>
              )}
              <Table.Td>
                <CustomerLink customer={one} />
              </Table.Td>
              <Table.Td visibleFrom="sm">
                <TagList tags={one.tags} labels={props.labels} />
              </Table.Td>
              <Table.Td ta="right">
                <Spend spend={one.totalSpend} />
              </Table.Td>
              <Table.Td ta="right" visibleFrom="sm" className="figures">
                {number(one.orderCount)}
              </Table.Td>
              <Table.Td visibleFrom="md">{day(one.firstOrderAt)}</Table.Td>
              <Table.Td visibleFrom="sm">{day(one.lastOrderAt)}</Table.Td>
              <Table.Td visibleFrom="md">
                <ConsentBadge marketing={one.marketing} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const ICONS = { ascending: IconArrowUp, descending: IconArrowDown, none: IconArrowsSort };

function SortButton(props: { how: keyof typeof ICONS; click: () => void; children: ReactNode }) {
  const Icon = ICONS[props.how];
  return (
    <UnstyledButton className="sorter" onClick={props.click}>
      {props.children}
      <Icon size={14} aria-hidden opacity={props.how === "none" ? 0.5 : 1} />
    </UnstyledButton>
  );
}
