import { ActionIcon, Autocomplete, Group, NativeSelect, Switch, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTagLabels } from "../../api/queries";
import type { Segment, SegmentNode } from "../../api/types";
import { digitsOf, isCurrency, majorOf, minorOf } from "../../format";
import { firstBound, KINDS, type Row } from "../../segments/builder";
import { EventValue } from "./EventValue";
import { NumberField } from "./NumberField";
import { TimeValue } from "./TimeValue";

type Bounds = Record<string, unknown>;

const SIGNS = [
  { value: "gte", label: "at least" },
  { value: "gt", label: "more than" },
  { value: "eq", label: "exactly" },
  { value: "lte", label: "at most" },
  { value: "lt", label: "less than" },
];

/** One condition of the builder. */
export function Condition(props: {
  row: Row;
  saved: Segment[];
  zone: string | undefined;
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
          zone={props.zone}
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

interface ValueProps {
  kind: string;
  value: unknown;
  set: (value: unknown) => void;
  saved: Segment[];
  zone: string | undefined;
}

/** The choices of the conditions that have a few: for each its value, and what it is called. */
const CHOICES: Record<string, { label: string; data: [unknown, string][] }> = {
  marketing: {
    label: "Newsletter",
    data: [
      ["subscribed", "subscribed"],
      ["unsubscribed", "unsubscribed"],
      ["none", "neither"],
    ],
  },
  registered: {
    label: "Account",
    data: [
      [true, "registered"],
      [false, "guest"],
    ],
  },
  tagged: {
    label: "Tags",
    data: [
      [true, "has any"],
      [false, "has none"],
    ],
  },
};

function Value({ kind, value, set, saved, zone }: ValueProps) {
  const labels = useTagLabels();
  const choice = CHOICES[kind];
  if (choice) return <Choice {...choice} value={value} set={set} />;
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
    case "noShow":
    case "hasTicket":
      return <EventValue value={String(value)} set={set} />;
    case "totalSpend":
      return <SpendValue value={value as Bounds} set={set} />;
    case "orderCount":
      return <OrderCount value={value as Bounds} set={set} />;
    case "firstOrderAt":
    case "lastOrderAt":
      return <TimeValue value={value as Bounds} set={set} zone={zone} />;
    case "segment":
      return (
        <NativeSelect
          aria-label="Saved segment"
          value={String(value)}
          data={[
            { value: "", label: "Choose…" },
            ...saved.map((one) => ({ value: one.segmentId, label: one.name })),
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

function Choice(props: {
  label: string;
  data: [unknown, string][];
  value: unknown;
  set: (value: unknown) => void;
}) {
  return (
    <NativeSelect
      aria-label={props.label}
      value={String(props.value)}
      data={props.data.map(([value, label]) => ({ value: String(value), label }))}
      onChange={(event) => {
        const chosen = event.currentTarget.value;
        props.set(props.data.find(([value]) => String(value) === chosen)?.[0]);
      }}
    />
  );
}

interface BoundsProps {
  value: Bounds;
  set: (value: Bounds) => void;
}

function SpendValue({ value, set }: BoundsProps) {
  const { currency, ...bounds } = value;
  const code = String(currency);
  const [sign = "gte", minor = 0] = Object.entries(bounds)[0] ?? [];
  const write = (nextSign: string, amount: number, nextCode: string) =>
    set({ currency: nextCode, ...firstBound(bounds, nextSign, minorOf(amount, nextCode)) });
  const major = majorOf(Number(minor), code);
  return (
    <>
      <NativeSelect
        aria-label="Comparison"
        data={SIGNS}
        value={sign}
        onChange={(event) => write(event.currentTarget.value, major, code)}
      />
      <NumberField
        key={code}
        label="Amount"
        digits={digitsOf(code)}
        value={major}
        set={(next) => write(sign, next, code)}
      />
      <CurrencyField value={code} set={(next) => write(sign, major, next)} />
    </>
  );
}

/** A currency, which counts once its code is whole. */
function CurrencyField({ value, set }: { value: string; set: (code: string) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const wrong = typed?.length === 3 && !isCurrency(typed);
  return (
    <TextInput
      aria-label="Currency"
      w={wrong ? 150 : 70}
      maxLength={3}
      autoComplete="off"
      spellCheck={false}
      value={typed ?? value}
      error={wrong && "There is no such currency."}
      onChange={(event) => {
        const next = event.currentTarget.value.toUpperCase();
        setTyped(next);
        if (isCurrency(next)) set(next);
      }}
      onBlur={() => {
        if (!wrong) setTyped(null);
      }}
    />
  );
}

function OrderCount({ value, set }: BoundsProps) {
  const [[sign, count] = ["gte", 0]] = Object.entries(value);
  return (
    <>
      <NativeSelect
        aria-label="Comparison"
        data={SIGNS}
        value={sign}
        onChange={(event) => set(firstBound(value, event.currentTarget.value, count))}
      />
      <NumberField
        label="Orders"
        value={Number(count)}
        set={(next) => set({ ...value, [sign]: next })}
      />
    </>
  );
}
