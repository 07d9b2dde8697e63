import { NumberInput } from "@mantine/core";
import { useState } from "react";

/** A number that is at least 0, as it is typed: an emptied field stays empty until it is left. */
export function NumberField(props: {
  label: string;
  value: number;
  set: (value: number) => void;
  whole?: boolean;
}) {
  const [typed, setTyped] = useState<string | number | null>(null);
  // What is typed is another spelling of the value, or nothing yet.
  const shown = typed === "" || (typed !== null && Number(typed) === props.value);
  return (
    <NumberInput
      aria-label={props.label}
      min={0}
      w={110}
      allowDecimal={props.whole !== true}
      value={shown ? (typed ?? "") : props.value}
      onChange={(next) => {
        setTyped(next);
        if (next !== "" && Number.isFinite(Number(next))) props.set(Number(next));
      }}
      onBlur={() => setTyped(null)}
    />
  );
}
