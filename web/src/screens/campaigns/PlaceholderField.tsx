import {
  ActionIcon,
  Group,
  Menu,
  ScrollArea,
  Stack,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { IconBold, IconBraces, IconItalic, IconLink, IconList } from "@tabler/icons-react";
import { type ReactNode, useId, useRef } from "react";
import { useOwnFields } from "../../api/ownFields";
import { t } from "../../words";
import { inserted, wrapped } from "./blocks";

/** The placeholders that can be inserted, with what stands there where somebody has none. */
function placeholders(): { label: string; text: string }[] {
  const date = (name: string) => `{{ ${name} | date: "%d.%m.%Y" | default: "–" }}`;
  const word = (name: string, instead: string) => `{{ ${name} | default: "${instead}" }}`;
  const friend = t("campaigns.placeholder.friend");
  return [
    { label: t("campaigns.placeholder.firstName"), text: word("first_name", friend) },
    { label: t("campaigns.placeholder.name"), text: word("name", friend) },
    { label: t("campaigns.placeholder.email"), text: "{{ email }}" },
    { label: t("campaigns.placeholder.orderCount"), text: "{{ order_count }}" },
    { label: t("campaigns.placeholder.firstOrder"), text: date("first_order_at") },
    { label: t("campaigns.placeholder.lastOrder"), text: date("last_order_at") },
    {
      label: t("campaigns.placeholder.event"),
      text: word("events.first.name", t("campaigns.placeholder.anEvent")),
    },
    { label: t("campaigns.placeholder.eventDate"), text: date("events.first.starts_at") },
    { label: t("campaigns.placeholder.tags"), text: '{{ tags | join: ", " }}' },
    { label: t("campaigns.placeholder.sender"), text: "{{ sender }}" },
    { label: t("campaigns.placeholder.address"), text: "{{ postal_address }}" },
    { label: t("campaigns.placeholder.unsubscribe"), text: "{{ unsubscribe_link }}" },
  ];
}

interface FieldProps {
  label: string;
  value: string;
  change: (text: string) => void;
  description?: ReactNode;
  error?: ReactNode;
  placeholder?: string;
  maxLength?: number;
  /** Several lines, with buttons that mark words. */
  text?: boolean;
  rows?: number;
  mono?: boolean;
  disabled?: boolean;
}

/** A field into which placeholders can be inserted where the caret is. */
export function PlaceholderField(props: FieldProps) {
  const { label, value, change } = props;
  const id = useId();
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const apply = (next: { text: string; caret: number }) => {
    change(next.text);
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(next.caret, next.caret);
    });
  };
  const selected = (): [number, number] => [
    field.current?.selectionStart ?? value.length,
    field.current?.selectionEnd ?? value.length,
  ];
  const insert = (what: string) => apply(inserted(value, ...selected(), what));
  const mark = (sign: string) => apply(wrapped(value, ...selected(), sign));
  const menu = <PlaceholderMenu field={label} insert={insert} disabled={props.disabled} />;
  const common = {
    id,
    ref: field,
    value,
    description: props.description,
    error: props.error,
    placeholder: props.placeholder,
    maxLength: props.maxLength,
    disabled: props.disabled,
    styles: props.mono ? { input: { fontFamily: "ui-monospace, monospace" } } : undefined,
    onChange: (event: { currentTarget: { value: string } }) => change(event.currentTarget.value),
  };
  if (!props.text) return <TextInput {...common} label={label} rightSection={menu} />;
  return (
    <Stack gap={4}>
      <Group justify="space-between">
        <Text component="label" htmlFor={id} size="sm" fw={500}>
          {label}
        </Text>
        <Group gap={4}>
          {!props.mono && (
            <>
              <Mark label={t("campaigns.bold")} run={() => mark("**")} disabled={props.disabled}>
                <IconBold size={16} aria-hidden />
              </Mark>
              <Mark label={t("campaigns.italic")} run={() => mark("*")} disabled={props.disabled}>
                <IconItalic size={16} aria-hidden />
              </Mark>
              <Mark
                label={t("campaigns.link")}
                run={() => insert("[…](https://)")}
                disabled={props.disabled}
              >
                <IconLink size={16} aria-hidden />
              </Mark>
              <Mark
                label={t("campaigns.bullets")}
                run={() => insert("\n- ")}
                disabled={props.disabled}
              >
                <IconList size={16} aria-hidden />
              </Mark>
            </>
          )}
          {menu}
        </Group>
      </Group>
      <Textarea {...common} autosize minRows={props.rows ?? 3} maxRows={30} spellCheck />
    </Stack>
  );
}

function Mark(props: { label: string; run: () => void; disabled?: boolean; children: ReactNode }) {
  return (
    <ActionIcon
      variant="default"
      aria-label={props.label}
      title={props.label}
      disabled={props.disabled}
      onClick={props.run}
    >
      {props.children}
    </ActionIcon>
  );
}

function PlaceholderMenu(props: {
  field: string;
  insert: (text: string) => void;
  disabled?: boolean;
}) {
  const own = useOwnFields().map(({ name, label }) => ({
    label,
    text: `{{ fields.${name} | default: "–" }}`,
  }));
  return (
    <Menu position="bottom-end" returnFocus={false} width={280}>
      <Menu.Target>
        <ActionIcon
          variant="default"
          aria-label={t("campaigns.placeholder.insert", { field: props.field })}
          title={t("campaigns.placeholder.insert", { field: props.field })}
          disabled={props.disabled}
        >
          <IconBraces size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <ScrollArea.Autosize mah={320}>
          {[...placeholders(), ...own].map(({ label, text }) => (
            <Menu.Item key={text} onClick={() => props.insert(text)}>
              {label}
            </Menu.Item>
          ))}
        </ScrollArea.Autosize>
      </Menu.Dropdown>
    </Menu>
  );
}
