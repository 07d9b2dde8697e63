import { NativeSelect, TextInput } from "@mantine/core";
import type { OwnField } from "../../api/ownFields";
import type { Row } from "../../segments/builder";
import { boundsOf, freshOf, type Sign, signOf, signsOf, withSign } from "../../segments/fields";
import { t } from "../../words";
import { NumberField } from "./NumberField";
import { Typed } from "./TimeValue";

/** The comparison with the value of an own field. */
export function FieldValue(props: { row: Row; fields: OwnField[]; change: (row: Row) => void }) {
  const { row, change } = props;
  const field = props.fields.find((one) => one.name === row.leaf.field);
  const sign = signOf(row.leaf, row.not);
  // Not declared, or turned around in a way that only the text has a word for: it stays as it is.
  if (!field || !sign) return null;
  const [[before, value] = ["known", true]] = Object.entries(boundsOf(row.leaf));
  const set = (next: unknown) => change({ ...row, leaf: { ...row.leaf, [before]: next } });
  return (
    <>
      <NativeSelect
        aria-label={t("segments.values.comparison")}
        value={sign}
        data={signsOf(field.type).map((one) => ({ value: one, label: labelOf(one, field.type) }))}
        onChange={(event) => {
          const next = event.currentTarget.value as Sign;
          change({ ...row, ...withSign(row.leaf, next, freshOf(field).eq) });
        }}
      />
      {before !== "known" && <Entry field={field} value={value} set={set} />}
    </>
  );
}

function labelOf(sign: Sign, type: OwnField["type"]): string {
  if (sign === "known" || sign === "unknown") return t(`segments.fieldSigns.${sign}`);
  if (sign === "eq") return t("segments.fieldSigns.eq");
  if (sign === "!eq") return t("segments.fieldSigns.notEq");
  return type === "date" ? t(`segments.dates.${sign}`) : t(`segments.signs.${sign}`);
}

function Entry(props: { field: OwnField; value: unknown; set: (value: unknown) => void }) {
  const { field, value, set } = props;
  switch (field.type) {
    case "bool":
      return (
        <NativeSelect
          aria-label={t("segments.values.value")}
          value={String(value)}
          data={[
            { value: "true", label: t("segments.yes") },
            { value: "false", label: t("segments.no") },
          ]}
          onChange={(event) => set(event.currentTarget.value === "true")}
        />
      );
    case "choice":
      return (
        <NativeSelect
          aria-label={t("segments.values.value")}
          value={String(value)}
          data={[...new Set([...(field.choices ?? []), String(value)])]}
          onChange={(event) => set(event.currentTarget.value)}
        />
      );
    case "number":
      return (
        <NumberField
          label={t("segments.values.number")}
          digits={6}
          value={Number(value)}
          set={set}
        />
      );
    case "date":
      return <Typed type="date" label={t("segments.values.day")} value={String(value)} set={set} />;
    default:
      return (
        <TextInput
          aria-label={t("segments.values.value")}
          maxLength={1000}
          value={String(value)}
          onChange={(event) => set(event.currentTarget.value)}
        />
      );
  }
}
