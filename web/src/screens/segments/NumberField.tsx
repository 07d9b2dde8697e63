import { TextInput } from "@mantine/core";
import { useState } from "react";
import { typedNumber } from "../../ui/typing";
import { t } from "../../words";

/** A number that is at least 0. What is typed stands there as it is typed; what is no number is said, and asks
 * for nothing else meanwhile. An emptied field has its number again when it is left. */
export function NumberField(props: {
  label: string;
  value: number;
  set: (value: number) => void;
  /** How many decimals it can have. */
  digits?: number;
}) {
  const { digits = 0 } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const wrong = typed !== null && typed !== "" && typedNumber(typed, digits) === null;
  return (
    <TextInput
      aria-label={props.label}
      inputMode={digits ? "decimal" : "numeric"}
      autoComplete="off"
      w={wrong ? 200 : 110}
      maxLength={20}
      value={typed ?? String(props.value)}
      error={
        wrong &&
        (digits ? t("segments.values.decimals", { count: digits }) : t("segments.values.whole"))
      }
      onChange={(event) => {
        const { value } = event.currentTarget;
        setTyped(value);
        const next = typedNumber(value, digits);
        if (next !== null) props.set(next);
      }}
      onBlur={() => {
        if (!wrong) setTyped(null);
      }}
    />
  );
}
