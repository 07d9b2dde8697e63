import { Group, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { DIGITS } from "../../currencies";
import { digitsOf, majorOf, minorOf } from "../../format";
import { boundsOf, type Range, rangeOf } from "../../people/filters";
import { currencyChoices } from "../../people/sorting";
import { typedNumber } from "../../ui/typing";
import { t } from "../../words";
import { ChipForm, type FormProps, TextOnly } from "./ChipForm";

/** Both ends of a range as they are typed. */
export type Ends = [from: string, to: string];

const shown = (value: number | null) => (value === null ? "" : String(value));

export const endsOf = (range: Range<number>): Ends => [shown(range.from), shown(range.to)];

/** The range of what is typed; null where an end is no number, or nothing is typed. */
export function typedRange(
  ends: Ends,
  read: (text: string) => number | null,
): Range<number> | null {
  const [from, to] = ends.map((text) => (text.trim() ? read(text) : null));
  const wrong = ends.some((text, at) => text.trim() !== "" && (at ? to : from) === null);
  const range = { from: from ?? null, to: to ?? null };
  return wrong || (range.from === null && range.to === null) ? null : range;
}

/** The two fields of a range. */
export function RangeFields(props: {
  ends: Ends;
  set: (ends: Ends) => void;
  wrong: (text: string) => boolean;
  type?: "date";
}) {
  const field = (at: 0 | 1, label: string) => (
    <TextInput
      label={label}
      type={props.type}
      w={props.type ? 150 : 130}
      inputMode={props.type ? undefined : "decimal"}
      autoComplete="off"
      maxLength={20}
      value={props.ends[at]}
      error={props.wrong(props.ends[at]) && t("people.filter.wrongNumber")}
      onChange={(event) => {
        const next: Ends = [...props.ends];
        next[at] = event.currentTarget.value;
        props.set(next);
      }}
      data-autofocus={at === 0 ? true : undefined}
    />
  );
  return (
    <Group gap="xs" align="start">
      {field(0, t("people.filter.from"))}
      {field(1, t("people.filter.to"))}
    </Group>
  );
}

type Bounds = Record<string, unknown>;

export function OrdersForm({ condition, apply }: FormProps) {
  const start = rangeOf<number>((condition?.leaf.orderCount as Bounds) ?? {});
  const [ends, setEnds] = useState<Ends>(start ? endsOf(start) : ["", ""]);
  if (!start) return <TextOnly />;
  const read = (text: string) => typedNumber(text, 0);
  const range = typedRange(ends, read);
  const bounds = range && boundsOf(range);
  const says = bounds && { leaf: { orderCount: bounds }, not: condition?.not ?? false };
  return (
    <ChipForm says={says} apply={apply}>
      <RangeFields
        ends={ends}
        set={setEnds}
        wrong={(text) => text.trim() !== "" && read(text) === null}
      />
    </ChipForm>
  );
}

export function SpendForm({ condition, apply, currencies }: FormProps & { currencies: string[] }) {
  const { currency = currencies[0] ?? "USD", ...bounds } =
    (condition?.leaf.totalSpend as Bounds) ?? {};
  const start = rangeOf<number>(bounds);
  const [code, setCode] = useState(String(currency));
  const inMajor = (minor: number | null) => minor && majorOf(minor, String(currency));
  const [ends, setEnds] = useState<Ends>(
    start ? endsOf({ from: inMajor(start.from), to: inMajor(start.to) }) : ["", ""],
  );
  if (!start) return <TextOnly />;
  const read = (text: string) => typedNumber(text, digitsOf(code));
  const range = typedRange(ends, (text) => {
    const major = read(text);
    return major === null ? null : minorOf(major, code);
  });
  const compared = range && boundsOf(range);
  const says = compared && {
    leaf: { totalSpend: { currency: code, ...compared } },
    not: condition?.not ?? false,
  };
  return (
    <ChipForm says={says} apply={apply}>
      <Select
        label={t("people.filter.currency")}
        searchable
        allowDeselect={false}
        limit={30}
        data={currencies.length ? currencyChoices(currencies) : Object.keys(DIGITS)}
        value={code}
        onChange={(next) => next && setCode(next)}
        comboboxProps={{ withinPortal: false }}
      />
      <RangeFields
        ends={ends}
        set={setEnds}
        wrong={(text) => text.trim() !== "" && read(text) === null}
      />
    </ChipForm>
  );
}
