import { NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { clockIn, dayIn, isDay, momentOf, ZONE } from "../../format";
import { isSpan, timesWith } from "../../segments/builder";
import { t } from "../../words";
import { NumberField } from "./NumberField";

type Bounds = Record<string, unknown>;

const SIGNS = ["withinDays", "olderThanDays", "gte", "gt", "lt", "lte", "eq"] as const;

/** A comparison with a number of days back, with a day, or with a moment where it was one. */
export function TimeValue(props: {
  value: Bounds;
  set: (value: Bounds) => void;
  /** The zone of the organiser's days, once known. */
  zone: string | undefined;
}) {
  const { value, set } = props;
  const [[sign, bound] = ["withinDays", 90]] = Object.entries(value);
  const today = dayIn(new Date(), props.zone ?? "UTC");
  return (
    <>
      <NativeSelect
        aria-label={t("segments.values.when")}
        data={SIGNS.map((one) => {
          const moment = one === "eq" && !isDay(String(value.eq ?? today));
          return { value: one, label: t(`segments.dates.${moment ? "at" : one}`) };
        })}
        value={sign}
        onChange={(event) => set(timesWith(value, event.currentTarget.value, today))}
      />
      {isSpan(sign) ? (
        <NumberField
          label={t("segments.values.days")}
          value={Number(bound)}
          set={(days) => set({ ...value, [sign]: days })}
        />
      ) : isDay(String(bound)) ? (
        <Typed
          type="date"
          label={t("segments.values.day")}
          value={String(bound)}
          set={(day) => set({ ...value, [sign]: day })}
        />
      ) : (
        <Typed
          type="datetime-local"
          label={t("segments.values.moment")}
          value={clockIn(new Date(String(bound)), ZONE)}
          set={(clock) => set({ ...value, [sign]: momentOf(clock, ZONE).toISOString() })}
        />
      )}
    </>
  );
}

/** A field that shows what is typed, also while that is no whole day yet: a year is typed digit by digit,
 * and 0020-06-12 is a day to the browser. */
export function Typed(props: {
  type: "date" | "datetime-local";
  label: string;
  value: string;
  set: (value: string) => void;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <TextInput
      type={props.type}
      aria-label={props.label}
      value={typed ?? props.value}
      onChange={(event) => {
        const { value } = event.currentTarget;
        setTyped(value);
        if (/^[1-9]\d{3}-/.test(value)) props.set(value);
      }}
      onBlur={() => setTyped(null)}
    />
  );
}
