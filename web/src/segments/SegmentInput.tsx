import { Box, Combobox, Text, Textarea, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useRef } from "react";
import type { Refused } from "../api/calls";
import { useFoundEvents } from "../api/events";
import { useOwnFields } from "../api/ownFields";
import { useSegments, useTagLabels } from "../api/queries";
import { eventLabel } from "../ui/EventParts";
import { t } from "../words";
import { complete, eventAsked, fieldAsked } from "./completion";

/** A field for a segment's text, with completion, and with the place that a refusal points to. */
export function SegmentInput(props: {
  label: string;
  value: string;
  onChange: (text: string) => void;
  error?: Refused | null;
  placeholder?: string;
  rows?: number;
}) {
  const field = useRef<HTMLTextAreaElement>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const tags = useTagLabels();
  const caret = field.current?.selectionStart ?? props.value.length;
  const before = props.value.slice(0, caret);
  const asked = combobox.dropdownOpened ? eventAsked(before) : null;
  const [q] = useDebouncedValue(asked, 200);
  const events = useFoundEvents(q).events.map((event) => ({
    eventId: event.eventId,
    hint: eventLabel(event),
  }));
  const segments = useSegments().data ?? [];
  const fields = useOwnFields(combobox.dropdownOpened && fieldAsked(before));
  const { from, found } = complete(before, { tags, events, segments, fields });
  const choose = (value: string) => {
    const text = props.value.slice(0, from) + value + props.value.slice(caret);
    props.onChange(text);
    const end = from + value.length;
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(end, end);
    });
    if (!value.endsWith(":")) combobox.closeDropdown(); // else what can follow is shown next
  };
  return (
    <Box>
      <Combobox store={combobox} onOptionSubmit={choose}>
        <Combobox.Target>
          <Textarea
            ref={field}
            label={props.label}
            placeholder={props.placeholder}
            autosize
            minRows={props.rows ?? 1}
            spellCheck={false}
            autoCapitalize="off"
            value={props.value}
            error={props.error?.message}
            styles={{ input: { fontFamily: "ui-monospace, monospace" } }}
            onChange={(event) => {
              props.onChange(event.currentTarget.value);
              combobox.openDropdown();
              combobox.resetSelectedOption();
            }}
            onFocus={() => combobox.openDropdown()}
            onBlur={() => combobox.closeDropdown()}
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={!found.length}>
          <Combobox.Options aria-label={t("segments.completions")}>
            {found.map(({ value, hint }) => (
              <Combobox.Option value={value} key={value}>
                <Text size="sm" ff="monospace" component="span">
                  {value}
                </Text>{" "}
                <Text size="sm" c="dimmed" component="span">
                  {hint}
                </Text>
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      {props.error?.column != null && <ErrorPosition text={props.value} error={props.error} />}
    </Box>
  );
}

/** The line of the text that a refusal points to, with a mark below the column. */
function ErrorPosition({ text, error }: { text: string; error: Refused }) {
  const row = typeof error.details.line === "number" ? error.details.line : 1;
  const line = text.split("\n")[row - 1] ?? "";
  const column = error.column ?? 1;
  return (
    <Box
      component="pre"
      tabIndex={0}
      my={4}
      p={6}
      data-testid="place"
      style={{ overflowX: "auto", background: "var(--mantine-color-default-hover)" }}
    >
      {line}
      {"\n"}
      {" ".repeat(column - 1)}^
    </Box>
  );
}
