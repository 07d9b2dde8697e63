import { Box, Combobox, Text, Textarea, useCombobox } from "@mantine/core";
import { useRef } from "react";
import type { Refused } from "../api/calls";
import { useEvents, useSegments, useTagLabels } from "../api/queries";

const WORDS = [
  ["tag:", "has a tag"],
  ["attended:", "was at an event"],
  ["has_ticket:", "holds a ticket of an event"],
  ["total_spend >= 100 USD", "spent so much"],
  ["order_count >= 2", "ordered so often"],
  ["last_order_at within 90 days", "bought lately"],
  ["last_order_at older than 90 days", "has not bought lately"],
  ["first_order_at within 30 days", "is new"],
  ["subscribed", "gets the newsletter"],
  ["registered", "has an account"],
  ["email_domain:", "has an address there"],
  ["segment:", "belongs to a saved segment"],
  ["everyone", "every customer"],
] as const;

/** So many values are shown; who types more is shown fewer. */
const MOST = 8;

interface Suggestion {
  value: string;
  hint: string;
}

const quoted = (value: string) =>
  /[\s(),"]/.test(value) ? `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"` : value;

interface Known {
  tags: Map<string, string>;
  events: { eventId: string; name: string }[];
  segments: { name: string; text: string }[];
}

/** What can stand behind a field's colon. */
function valuesOf(field: string, { tags, events, segments }: Known): Suggestion[] {
  if (field === "tag") return [...tags].map(([value, hint]) => ({ value, hint }));
  if (field === "segment") return segments.map(({ name, text }) => ({ value: name, hint: text }));
  return events.map(({ eventId, name }) => ({ value: eventId, hint: name }));
}

/** Find what can follow at the end of a text, and how much of the end it replaces. */
function suggest(before: string, known: Known): { from: number; found: Suggestion[] } {
  const value = /(tag|attended|has_ticket|segment):("[^"]*|[^\s()",]*)$/i.exec(before);
  if (value) {
    const [, field = "", typed = ""] = value;
    const wanted = typed.replace(/^"/, "").toLowerCase();
    const found = valuesOf(field.toLowerCase(), known)
      .filter(({ value, hint }) => `${value} ${hint}`.toLowerCase().includes(wanted))
      .map(({ value, hint }) => ({ value: quoted(value), hint }));
    return { from: before.length - typed.length, found: found.slice(0, MOST) };
  }
  const word = /(^|[\s(])([a-z_]*)$/i.exec(before);
  if (!word) return { from: before.length, found: [] };
  const typed = (word[2] ?? "").toLowerCase();
  const ready = /(^|\(|\b(and|or|not))\s*$/i.test(before.slice(0, before.length - typed.length));
  if (!ready) return { from: before.length, found: [] };
  const found = WORDS.filter(([text]) => text.startsWith(typed) && text !== typed);
  return {
    from: before.length - typed.length,
    found: found.map(([value, hint]) => ({ value, hint })),
  };
}

/** A segment's text, with completion, and a refusal shown at its column. */
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
  const events = useEvents().data ?? [];
  const caret = field.current?.selectionStart ?? props.value.length;
  const before = props.value.slice(0, caret);
  const segments = useSegments().data ?? [];
  const { from, found } = suggest(before, { tags, events, segments });
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
          <Combobox.Options aria-label="Completions">
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

/** Show where in the text a refusal points to. */
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
