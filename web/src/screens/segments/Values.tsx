import { Autocomplete, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import type { OwnField } from "../../api/ownFields";
import { useTagLabels } from "../../api/queries";
import type { Segment } from "../../api/types";
import { digitsOf, isCurrency, majorOf, minorOf } from "../../format";
import { firstBound } from "../../segments/builder";
import { t } from "../../words";
import { EventValue } from "./EventValue";
import { NumberField } from "./NumberField";
import { TimeValue } from "./TimeValue";

type Bounds = Record<string, unknown>;

/** What rows can name. */
export interface Known {
  saved: Segment[];
  /** The zone of the organiser's days, once known. */
  zone: string | undefined;
  fields: OwnField[];
}

const signs = () =>
  (["gte", "gt", "eq", "lte", "lt"] as const).map((value) => ({
    value,
    label: t(`segments.signs.${value}`),
  }));

interface ValueProps {
  kind: string;
  value: unknown;
  set: (value: unknown) => void;
  known: Known;
}

/** What a condition is compared with. */
export function Value({ kind, value, set, known }: ValueProps) {
  const labels = useTagLabels();
  switch (kind) {
    case "registered":
    case "tagged":
      return null; // the verb says it all
    case "marketing":
      return (
        <NativeSelect
          aria-label={t("segments.values.newsletter")}
          value={String(value)}
          data={(["subscribed", "unsubscribed", "none"] as const).map((one) => ({
            value: one,
            label: t(`segments.values.${one}`),
          }))}
          onChange={(event) => set(event.currentTarget.value)}
        />
      );
    case "tag":
      return (
        <Autocomplete
          aria-label={t("segments.values.tag")}
          placeholder={t("segments.values.tag")}
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
      return <TimeValue value={value as Bounds} set={set} zone={known.zone} />;
    case "segment":
      return (
        <NativeSelect
          aria-label={t("segments.values.segment")}
          value={String(value)}
          data={[
            { value: "", label: t("segments.choose") },
            ...known.saved.map((one) => ({ value: one.segmentId, label: one.name })),
          ]}
          onChange={(event) => set(event.currentTarget.value)}
        />
      );
    default:
      return (
        <TextInput
          aria-label={t("segments.values.domain")}
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
  const write = (nextSign: string, amount: number, nextCode: string) =>
    set({ currency: nextCode, ...firstBound(bounds, nextSign, minorOf(amount, nextCode)) });
  const major = majorOf(Number(minor), code);
  return (
    <>
      <NativeSelect
        aria-label={t("segments.values.comparison")}
        data={signs()}
        value={sign}
        onChange={(event) => write(event.currentTarget.value, major, code)}
      />
      <NumberField
        key={code}
        label={t("segments.values.amount")}
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
      aria-label={t("segments.values.currency")}
      w={wrong ? 150 : 70}
      maxLength={3}
      autoComplete="off"
      spellCheck={false}
      value={typed ?? value}
      error={wrong && t("segments.values.noCurrency")}
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
        aria-label={t("segments.values.comparison")}
        data={signs()}
        value={sign}
        onChange={(event) => set(firstBound(value, event.currentTarget.value, count))}
      />
      <NumberField
        label={t("segments.values.orders")}
        value={Number(count)}
        set={(next) => set({ ...value, [sign]: next })}
      />
    </>
  );
}
