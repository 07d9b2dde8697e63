import { Button, NativeSelect, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Condition } from "../../people/filters";
import { t } from "../../words";

/** What a form of a condition gets: what there is so far, null for a new one, and whom it gives the next. */
export interface FormProps {
  condition: Condition | null;
  apply: (condition: Condition) => void;
}

/** That a condition is more than its form can show. */
export const TextOnly = () => <Text size="sm">{t("people.filter.textOnly")}</Text>;

/** A form whose button, or Enter, gives what it says; null while it says nothing. */
export function ChipForm(props: {
  says: Condition | null;
  apply: FormProps["apply"];
  children: ReactNode;
}) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (props.says) props.apply(props.says);
      }}
    >
      <Stack gap="xs">
        {props.children}
        <Button type="submit" size="compact-sm" disabled={!props.says}>
          {t("people.filter.apply")}
        </Button>
      </Stack>
    </form>
  );
}

/** The choice among a few. */
export function Choice(props: {
  label: string;
  value: string;
  data: { value: string; label: string }[];
  set: (value: string) => void;
}) {
  return (
    <NativeSelect
      label={props.label}
      value={props.value}
      data={props.data}
      onChange={(event) => props.set(event.currentTarget.value)}
      data-autofocus
    />
  );
}
