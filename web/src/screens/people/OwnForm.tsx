import { TextInput } from "@mantine/core";
import { useState } from "react";
import type { OwnField } from "../../api/ownFields";
import type { SegmentNode } from "../../api/types";
import { boundsOf, rangeOf } from "../../people/filters";
import { t } from "../../words";
import { ChipForm, Choice, type FormProps, TextOnly } from "./ChipForm";
import { type Ends, endsOf, RangeFields, typedRange } from "./RangeForms";

type How = "is" | "known" | "unknown";

/** The number that an own field can have; it may be below zero. */
export function ownNumber(text: string): number | null {
  return /^-?\d{1,15}([.,]\d{1,10})?$/.test(text.trim())
    ? Number(text.trim().replace(",", "."))
    : null;
}

/** A condition of an own field: its value, or that there is any. */
export function OwnForm({ condition, apply, field }: FormProps & { field: OwnField }) {
  const { field: _, known, ...bounds } = condition?.leaf ?? {};
  const [how, setHow] = useState<How>(known === undefined ? "is" : known ? "known" : "unknown");
  const ranged = field.type === "number" || field.type === "date";
  const start = rangeOf<number | string>(bounds);
  const first = bounds.eq ?? (field.type === "bool" ? true : (field.choices?.[0] ?? ""));
  const [value, setValue] = useState(String(first));
  const [ends, setEnds] = useState<Ends>(
    start && ranged ? endsOf({ from: start.from as number, to: start.to as number }) : ["", ""],
  );
  if (ranged && !start) return <TextOnly />;
  const says = (): SegmentNode | null => {
    if (how !== "is") return { known: how === "known" };
    if (field.type === "bool") return { eq: value === "true" };
    if (field.type === "date") {
      const [from, to] = ends.map((one) => one || null);
      return boundsOf({ from: from ?? null, to: to ?? null });
    }
    if (field.type === "number") {
      const range = typedRange(ends, ownNumber);
      return range && boundsOf(range);
    }
    return value.trim() ? { eq: value.trim() } : null;
  };
  const said = says();
  const not = condition?.not ?? false;
  return (
    <ChipForm says={said && { leaf: { field: field.name, ...said }, not }} apply={apply}>
      <Choice
        label={field.label}
        value={how}
        data={[
          { value: "is", label: t("people.filter.is") },
          { value: "known", label: t("people.filter.known") },
          { value: "unknown", label: t("people.filter.unknown") },
        ]}
        set={(next) => setHow(next as How)}
      />
      {how === "is" &&
        (ranged ? (
          <RangeFields
            ends={ends}
            set={setEnds}
            type={field.type === "date" ? "date" : undefined}
            wrong={(text) =>
              field.type === "number" && text.trim() !== "" && ownNumber(text) === null
            }
          />
        ) : (
          <OwnValue field={field} value={value} set={setValue} />
        ))}
    </ChipForm>
  );
}

function OwnValue(props: { field: OwnField; value: string; set: (value: string) => void }) {
  const { field, value, set } = props;
  const label = t("people.filter.is");
  if (field.type === "bool") {
    const data = [
      { value: "true", label: t("people.filter.yes") },
      { value: "false", label: t("people.filter.no") },
    ];
    return <Choice label={label} value={value} data={data} set={set} />;
  }
  if (field.type === "choice") {
    const data = [...new Set([...(field.choices ?? []), value])];
    return (
      <Choice
        label={label}
        value={value}
        data={data.map((one) => ({ value: one, label: one }))}
        set={set}
      />
    );
  }
  return (
    <TextInput
      label={label}
      maxLength={1000}
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}
