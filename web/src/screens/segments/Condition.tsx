import {
  ActionIcon,
  Autocomplete,
  Group,
  NativeSelect,
  NumberInput,
  Switch,
  TextInput,
} from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useEvents, useTagLabels } from "../../api/queries";
import type { Segment, SegmentNode } from "../../api/types";
import { majorOf, minorOf } from "../../format";
import { KINDS, type Row } from "../../segments/builder";

type Bounds = Record<string, unknown>;

const SIGNS = [
  { value: "gte", label: "at least" },
  { value: "gt", label: "more than" },
  { value: "eq", label: "exactly" },
  { value: "lte", label: "at most" },
  { value: "lt", label: "less than" },
];
const TIMES = [
  { value: "withinDays", label: "in the last … days" },
  { value: "olderThanDays", label: "more than … days ago" },
  { value: "gte", label: "since" },
  { value: "gt", label: "after" },
  { value: "lt", label: "before" },
  { value: "lte", label: "until" },
  { value: "eq", label: "at" },
];

/** One condition of the builder. */
export function Condition(props: {
  row: Row;
  saved: Segment[];
  change: (row: Row) => void;
  remove: () => void;
}) {
  const { row, change } = props;
  const [kind = "tag"] = Object.keys(row.leaf);
  const set = (leaf: SegmentNode) => change({ ...row, leaf });
  return (
    <Group
      gap="xs"
      align="start"
      wrap="nowrap"
      justify="space-between"
      role="group"
      aria-label={KINDS[kind]?.label ?? kind}
    >
      <Group gap="xs">
        <Switch
          label="not"
          checked={row.not}
          onChange={(event) => change({ ...row, not: event.currentTarget.checked })}
        />
        <NativeSelect
          aria-label="Condition"
          value={kind}
          data={Object.entries(KINDS).map(([value, { label }]) => ({ value, label }))}
          onChange={(event) => {
            const next = event.currentTarget.value;
            set({ [next]: KINDS[next]?.fresh });
          }}
        />
        <Value
          kind={kind}
          value={row.leaf[kind]}
          set={(value) => set({ [kind]: value })}
          saved={props.saved}
        />
      </Group>
      <ActionIcon
        variant="default"
        size="lg"
        aria-label="Remove this condition"
        onClick={props.remove}
      >
        <IconX size={16} aria-hidden />
      </ActionIcon>
    </Group>
  );
}

function Value(props: {
  kind: string;
  value: unknown;
  set: (value: unknown) => void;
  saved: Segment[];
}) {
  const { kind, value, set } = props;
  const labels = useTagLabels();
  const events = useEvents().data ?? [];
  switch (kind) {
    case "tag":
      return (
        <Autocomplete
          aria-label="Tag"
          placeholder="Tag"
          data={[...labels.keys()]}
          value={String(value)}
          onChange={set}
        />
      );
    case "attended":
    case "hasTicket":
      return (
        <Autocomplete
          aria-label="Event"
          placeholder="Event id"
          data={events.map((event) => event.eventId)}
          renderOption={({ option }) =>
            events.find((event) => event.eventId === option.value)?.name ?? option.value
          }
          value={String(value)}
          onChange={set}
        />
      );
    case "totalSpend":
      return <SpendValue value={value as Bounds} set={set} />;
    case "orderCount":
      return <OrderCount value={value as Bounds} set={set} />;
    case "firstOrderAt":
    case "lastOrderAt":
      return <Times value={value as Bounds} set={set} />;
    case "marketing":
      return (
        <NativeSelect
          aria-label="Newsletter"
          value={String(value)}
          data={[
            { value: "subscribed", label: "subscribed" },
            { value: "unsubscribed", label: "unsubscribed" },
            { value: "none", label: "never asked" },
          ]}
          onChange={(event) => set(event.currentTarget.value)}
        />
      );
    case "registered":
      return (
        <NativeSelect
          aria-label="Account"
          value={String(value)}
          data={[
            { value: "true", label: "registered" },
            { value: "false", label: "guest" },
          ]}
          onChange={(event) => set(event.currentTarget.value === "true")}
        />
      );
    case "segment":
      return (
        <NativeSelect
          aria-label="Saved segment"
          value={String(value)}
          data={[
            { value: "", label: "Choose…" },
            ...props.saved.map((one) => ({ value: one.segmentId, label: one.name })),
          ]}
          onChange={(event) => set(event.currentTarget.value)}
        />
      );
    default:
      return (
        <TextInput
          aria-label="Domain"
          placeholder="acme.com"
          value={String(value)}
          onChange={(event) => set(event.currentTarget.value)}
        />
      );
  }
}

interface BoundsProps {
  value: Bounds;
  set: (value: Bounds) => void;
}

function SpendValue({ value, set }: BoundsProps) {
  const { currency, ...bounds } = value;
  const code = String(currency);
  const [sign = "gte", minor = 0] = Object.entries(bounds)[0] ?? [];
  const more = Object.entries(bounds).slice(1);
  const write = (nextSign: string, amount: number, nextCode: string) =>
    set({
      currency: nextCode,
      ...Object.fromEntries(more),
      [nextSign]: minorOf(amount, nextCode),
    });
  const major = majorOf(Number(minor), code);
  return (
    <>
      <NativeSelect
        aria-label="Comparison"
        data={SIGNS}
        value={sign}
        onChange={(event) => write(event.currentTarget.value, major, code)}
      />
      <NumberInput
        aria-label="Amount"
        min={0}
        w={110}
        value={major}
        onChange={(next) => write(sign, Number(next) || 0, code)}
      />
      <TextInput
        aria-label="Currency"
        w={70}
        maxLength={3}
        value={code}
        onChange={(event) => write(sign, major, event.currentTarget.value.toUpperCase())}
      />
    </>
  );
}

function OrderCount({ value, set }: BoundsProps) {
  const [[sign, count] = ["gte", 0], ...more] = Object.entries(value);
  return (
    <>
      <NativeSelect
        aria-label="Comparison"
        data={SIGNS}
        value={sign}
        onChange={(event) =>
          set({ ...Object.fromEntries(more), [event.currentTarget.value]: count })
        }
      />
      <NumberInput
        aria-label="Orders"
        min={0}
        w={110}
        value={Number(count)}
        onChange={(next) => set({ ...value, [sign]: Number(next) || 0 })}
      />
    </>
  );
}

function Times({ value, set }: BoundsProps) {
  const [[sign, bound] = ["withinDays", 90], ...more] = Object.entries(value);
  const days = sign === "withinDays" || sign === "olderThanDays";
  const choose = (next: string) => {
    const nextDays = next === "withinDays" || next === "olderThanDays";
    const today = `${new Date().toISOString().slice(0, 10)}T00:00:00Z`;
    const kept = nextDays === days ? bound : nextDays ? 90 : today;
    set({ ...Object.fromEntries(more), [next]: kept });
  };
  return (
    <>
      <NativeSelect
        aria-label="When"
        data={TIMES}
        value={sign}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      {days ? (
        <NumberInput
          aria-label="Days"
          min={0}
          w={110}
          value={Number(bound)}
          onChange={(next) => set({ ...value, [sign]: Number(next) || 0 })}
        />
      ) : (
        <TextInput
          type="date"
          aria-label="Day"
          value={String(bound).slice(0, 10)}
          onChange={(event) => {
            const { value: day } = event.currentTarget;
            if (day) set({ ...value, [sign]: `${day}T00:00:00Z` });
          }}
        />
      )}
    </>
  );
}
