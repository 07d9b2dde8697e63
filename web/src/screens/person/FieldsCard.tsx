import { Button, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { call, refusalOf } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { type OwnField, useOwnFields } from "../../api/ownFields";
import type { FieldValue } from "../../api/person";
import type { Customer } from "../../api/types";
import { useBackend } from "../../backend";
import { isDay, number, wholeDay } from "../../format";
import { useMay } from "../../session";
import { Card } from "../../ui/Card";
import { Confirm } from "../../ui/Confirm";
import { notifyDone } from "../../ui/notify";
import { t } from "../../words";
import { changesOf, type Typed, typedOf } from "./fields";

/** The own fields of a person; nothing where crm.toml declares none. */
export function FieldsCard({ customer }: { customer: Customer }) {
  const editor = useMay("editor");
  const fields = useOwnFields();
  const [editing, setEditing] = useState(false);
  if (!fields.length) return null;
  const writable = fields.some((field) => field.writable);
  return (
    <Card
      title={t("person.fields.title")}
      action={
        editor &&
        writable && (
          <Button size="compact-sm" variant="default" onClick={() => setEditing(true)}>
            {t("person.fields.edit")}
          </Button>
        )
      }
    >
      <Stack gap={6} component="dl" m={0}>
        {fields.map((field) => (
          <div key={field.name}>
            <Text component="dt" size="sm" c="dimmed">
              {field.label}
            </Text>
            <Text component="dd" m={0}>
              {written(customer.fields?.[field.name])}
            </Text>
          </div>
        ))}
      </Stack>
      {editing && (
        <EditFields customer={customer} fields={fields} close={() => setEditing(false)} />
      )}
    </Card>
  );
}

/** A value as a person reads it. */
function written(value: FieldValue | undefined): string {
  if (value === undefined) return "–";
  if (typeof value === "boolean") return value ? t("person.fields.yes") : t("person.fields.no");
  if (typeof value === "number") return number(value);
  return isDay(value) ? wholeDay(value) : value;
}

function EditFields(props: { customer: Customer; fields: OwnField[]; close: () => void }) {
  const backend = useBackend();
  const { customer, fields, close } = props;
  const stored = customer.fields ?? {};
  const [typed, setTyped] = useState<Typed>(() =>
    Object.fromEntries(fields.map(({ name }) => [name, typedOf(stored[name])])),
  );
  const { values, wrong } = changesOf(fields, stored, typed);
  const save = useDeed({
    work: () => call(backend, "set_fields", { customerId: customer.customerId, fields: values }),
    onSuccess: () => {
      notifyDone(t("person.fields.saved"));
      close();
    },
  });
  const refused = save.error ? refusalOf(save.error) : null;
  const at = refused?.details.field;
  const errorOf = ({ name, type }: OwnField) =>
    at === name || wrong.includes(name) ? t(`person.fields.wrong.${type}`) : undefined;
  return (
    <Confirm
      title={t("person.fields.editTitle")}
      action={t("person.fields.save")}
      pending={save.isPending}
      error={refused && typeof at !== "string" ? refused : null}
      disabled={wrong.length > 0 || !Object.keys(values).length}
      close={close}
      confirm={() => save.run()}
    >
      {fields.map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          typed={typed[field.name] ?? ""}
          error={errorOf(field)}
          change={(text) => {
            if (refused) save.reset();
            setTyped((before) => ({ ...before, [field.name]: text }));
          }}
        />
      ))}
    </Confirm>
  );
}

function FieldInput(props: {
  field: OwnField;
  typed: string;
  error: string | undefined;
  change: (text: string) => void;
}): ReactNode {
  const { field, typed } = props;
  const shared = {
    label: field.label,
    description: field.writable ? field.purpose : t("person.fields.fromHost"),
    error: props.error,
    value: typed,
    disabled: !field.writable,
    onChange: (event: { currentTarget: { value: string } }) =>
      props.change(event.currentTarget.value),
  };
  if (field.type === "bool") {
    const data = [
      { value: "", label: "–" },
      { value: "true", label: t("person.fields.yes") },
      { value: "false", label: t("person.fields.no") },
    ];
    return <NativeSelect {...shared} data={data} />;
  }
  if (field.type === "choice") {
    const known = [...new Set([...field.choices, ...(typed ? [typed] : [])])];
    return <NativeSelect {...shared} data={[{ value: "", label: "–" }, ...known]} />;
  }
  const kind = { text: "text", number: "text", date: "date" }[field.type];
  return (
    <TextInput
      {...shared}
      type={kind}
      inputMode={field.type === "number" ? "decimal" : undefined}
      maxLength={field.type === "text" ? 200 : undefined}
    />
  );
}
