import { NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { clockIn, dayIn, isDay, momentOf, ZONE } from "../../format";
import { isSpan, timesWith } from "../../segments/builder";
import { NumberField } from "./NumberField";

type Bounds = Record<string, unknown>;

const TIMES = [
  { value: "withinDays", label: "in the last … days" },
  { value: "olderThanDays", label: "more than … days ago" },
  { value: "gte", label: "since" },
  { value: "gt", label: "after" },
  { value: "lt", label: "before" },
  { value: "lte", label: "until" },
  { value: "eq", label: "on" },
];

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
        aria-label="When"
        data={TIMES.map((one) =>
          one.value === "eq" && !isDay(String(value.eq ?? today)) ? { ...one, label: "at" } : one,
        )}
        value={sign}
        onChange={(event) => set(timesWith(value, event.currentTarget.value, today))}
      />
      {isSpan(sign) ? (
        <NumberField
          label="Days"
          value={Number(bound)}
          set={(days) => set({ ...value, [sign]: days })}
        />
      ) : isDay(String(bound)) ? (
        <Typed
          type="date"
          label="Day"
          value={String(bound)}
          set={(day) => set({ ...value, [sign]: day })}
        />
      ) : (
        <Typed
          type="datetime-local"
          label="Moment"
          value={clockIn(new Date(String(bound)), ZONE)}
          set={(clock) => set({ ...value, [sign]: momentOf(clock, ZONE).toISOString() })}
        />
      )}
    </>
  );
}

/** A field that shows what is typed, also while that is no whole day yet: a year is typed digit by digit,
 * and 0020-06-12 is a day to the browser. */
function Typed(props: {
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
