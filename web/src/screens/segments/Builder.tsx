import { Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useTimeZone } from "../../api/figures";
import { useSegments } from "../../api/queries";
import { KINDS, rowOf, type Simple } from "../../segments/builder";
import { Condition } from "./Condition";

const TIMES = ["firstOrderAt", "lastOrderAt"];

/** The conditions of a segment in rows. */
export function Builder(props: {
  simple: Simple;
  build: (next: Simple) => void;
  /** The segment that is edited, which cannot be part of itself. */
  but?: string;
}) {
  const { simple, build } = props;
  const { rows } = simple;
  const saved = (useSegments().data ?? []).filter((one) => one.segmentId !== props.but);
  const timed = rows.some((row) => TIMES.some((field) => field in row.leaf));
  const zone = useTimeZone(timed);
  return (
    <Stack>
      {rows.length > 1 && (
        <SegmentedControl
          aria-label="How conditions go together"
          value={simple.how}
          data={[
            { value: "all", label: "All of these" },
            { value: "any", label: "Any of these" },
          ]}
          onChange={(how) => build({ ...simple, how: how as Simple["how"] })}
        />
      )}
      {!rows.length && <Text>Everyone. Add a condition to ask for fewer.</Text>}
      {rows.map((row) => (
        <Condition
          key={row.key}
          row={row}
          saved={saved}
          zone={zone}
          change={(next) =>
            build({ ...simple, rows: rows.map((one) => (one.key === row.key ? next : one)) })
          }
          remove={() => build({ ...simple, rows: rows.filter((one) => one.key !== row.key) })}
        />
      ))}
      {timed && zone && (
        <Text size="sm" c="dimmed" data-testid="zone">
          A day is a whole day in {zone}: “until” and “since” include it.
        </Text>
      )}
      <Group>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => build({ ...simple, rows: [...rows, rowOf({ tag: KINDS.tag?.fresh })] })}
        >
          Add a condition
        </Button>
      </Group>
    </Stack>
  );
}
