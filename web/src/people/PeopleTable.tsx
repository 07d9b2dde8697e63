import { Checkbox, Table, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { OwnField } from "../api/ownFields";
import type { Customer, Sort } from "../api/types";
import { CustomerLink, nameOf } from "../ui/CustomerCells";
import { t } from "../words";
import { cellOf, columnName, FIGURES, isEmpty, sortedBy } from "./cells";
import type { Column } from "./columns";
import "./people.css";
import { ariaSort, clicked } from "./sorting";

/** What a table shows, and how. */
export interface TableLook {
  columns: readonly Column[];
  fields: OwnField[];
  labels: Map<string, string>;
  /** How people are sorted; null where they are not. */
  sort: Sort | null;
  setSort: (sort: Sort) => void;
  /** The currency whose spend a click sorts by. */
  currency: string | undefined;
}

/** People in rows, each a link. What they can be sorted by is in the heads of the columns. */
export function PeopleTable(
  props: TableLook & {
    customers: Customer[];
    selected: Set<string>;
    toggle?: (ids: string[], on: boolean) => void;
    busy: boolean;
  },
) {
  const { customers, columns, selected, toggle } = props;
  const all = customers.every((one) => selected.has(one.customerId));
  const some = customers.some((one) => selected.has(one.customerId));
  const ids = customers.map((one) => one.customerId);
  return (
    <Table.ScrollContainer minWidth={0} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      {/* The roles are said, for as cards on a phone the browser takes it for no table any more. */}
      <Table
        className="people-table"
        role="table"
        verticalSpacing="xs"
        highlightOnHover
        aria-label={t("people.title")}
        aria-busy={props.busy}
      >
        <Table.Thead role="rowgroup">
          <Table.Tr role="row">
            {toggle && (
              <Table.Th w={40} role="columnheader">
                <Checkbox
                  aria-label={t("people.selectAll")}
                  checked={all}
                  indeterminate={some && !all}
                  onChange={(event) => toggle(ids, event.currentTarget.checked)}
                />
              </Table.Th>
            )}
            <Table.Th role="columnheader">{t("people.columns.name")}</Table.Th>
            {columns.map((column) => (
              <Head key={column} column={column} look={props} />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody role="rowgroup">
          {customers.map((one) => (
            <Table.Tr key={one.customerId} role="row" className="people-row">
              {toggle && (
                <Table.Td role="cell" className="people-select">
                  <Checkbox
                    aria-label={t("people.select", { name: nameOf(one) })}
                    checked={selected.has(one.customerId)}
                    onChange={(event) => toggle([one.customerId], event.currentTarget.checked)}
                  />
                </Table.Td>
              )}
              <Table.Td role="cell" className="people-name" miw={180}>
                <CustomerLink customer={one} address={!columns.includes("address")} />
              </Table.Td>
              {columns.map((column) => (
                <Table.Td
                  key={column}
                  role="cell"
                  ta={FIGURES.includes(column) ? "right" : undefined}
                  className={isEmpty(one, column) ? "people-empty" : undefined}
                  data-label={columnName(column, props.fields)}
                >
                  {cellOf(one, column, props)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Head({ column, look }: { column: Column; look: TableLook }) {
  const { sort, currency } = look;
  const by = sortedBy(column);
  const name = columnName(column, look.fields);
  const align = FIGURES.includes(column) ? "right" : undefined;
  if (!sort || !by)
    return (
      <Table.Th role="columnheader" ta={align}>
        {name}
      </Table.Th>
    );
  const how = ariaSort(sort, by);
  return (
    <Table.Th role="columnheader" ta={align} aria-sort={how}>
      {by === "totalSpend" && !currency ? (
        name
      ) : (
        <SortButton how={how} click={() => look.setSort(clicked(sort, by, currency))}>
          {name}
        </SortButton>
      )}
    </Table.Th>
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
