import { Button, Checkbox, Popover, Stack } from "@mantine/core";
import { IconColumns } from "@tabler/icons-react";
import { useOwnFields } from "../../api/ownFields";
import { columnName } from "../../people/cells";
import { COLUMNS, type Column, toggled } from "../../people/columns";
import { t } from "../../words";

/** Which columns a list has. */
export function Columns(props: {
  columns: readonly Column[];
  choose: (columns: readonly Column[]) => void;
}) {
  const { columns, choose } = props;
  const fields = useOwnFields();
  const all: Column[] = [...COLUMNS, ...fields.map((one): Column => `field:${one.name}`)];
  return (
    <Popover position="bottom-end" trapFocus withinPortal>
      <Popover.Target>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconColumns size={16} aria-hidden />}
        >
          {t("people.columns.choose")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown mah={420} style={{ overflowY: "auto" }}>
        <Stack gap="xs">
          {all.map((column) => (
            <Checkbox
              key={column}
              label={columnName(column, fields)}
              checked={columns.includes(column)}
              onChange={() => choose(toggled(columns, column, all))}
            />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
