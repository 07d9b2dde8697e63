import { ActionIcon, Button, Group, Menu, Popover, Stack, Text } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import type { Refused } from "../../api/calls";
import { useEventNames } from "../../api/events";
import { useOwnFields } from "../../api/ownFields";
import { useSegments, useTagLabels } from "../../api/queries";
import type { SegmentNode } from "../../api/types";
import {
  type Condition,
  conditionsOf,
  KINDS,
  type Kind,
  kindOf,
  nodeOf,
  USUAL,
} from "../../people/filters";
import { SegmentInput } from "../../segments/SegmentInput";
import { eventLabel } from "../../ui/EventParts";
import { LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";
import { chipText, kindText, type Names } from "./chips";
import { FilterForm } from "./FilterForm";

interface Asked {
  /** The question as text, and as it was understood; null while that is not known. */
  text: string;
  node: SegmentNode | null;
  write: (text: string) => void;
  build: (node: SegmentNode) => void;
  refused: Refused | null;
  /** The currencies of the people who are shown. */
  currencies: string[];
}

/** The filter as chips, each with a small form; all of them hold together. Advanced is the same as text. */
export function Filters(props: Asked & { children?: ReactNode }) {
  const { text, node, refused } = props;
  const [advanced, setAdvanced] = useState(false);
  const conditions = node && conditionsOf(node);
  const open = advanced || refused !== null || (node !== null && conditions === null);
  return (
    <Stack gap="xs">
      {node === null && !refused ? (
        <LoadingRows count={1} />
      ) : (
        <Group gap="xs" role="group" aria-label={t("people.filter.label")}>
          {conditions && <Chips {...props} conditions={conditions} />}
          {node && !conditions && <Text size="sm">{t("people.filter.groups")}</Text>}
          <Button
            variant="default"
            size="compact-sm"
            aria-expanded={open}
            onClick={() => setAdvanced(!advanced)}
          >
            {t("people.filter.advanced")}
          </Button>
          {props.children}
        </Group>
      )}
      {open && (
        <SegmentInput
          label={t("people.filter.text")}
          placeholder="tag:vip and last_order_at within 90 days"
          value={text}
          error={refused}
          onChange={props.write}
        />
      )}
      {open && text && !refused && (
        <Text size="sm">
          <Link to={`/segments/new?${new URLSearchParams({ segment: text })}`}>
            {t("people.filter.segment")}
          </Link>
        </Text>
      )}
    </Stack>
  );
}

const EVENTS = ["attended", "hasTicket", "noShow"];

/** The names of what the conditions know by ids, as they become known. */
function useNames(conditions: Condition[]): Names {
  const labels = useTagLabels();
  const named = conditions.flatMap(({ leaf }) =>
    EVENTS.flatMap((key) => (leaf[key] ? [String(leaf[key])] : [])),
  );
  const events = useEventNames([...new Set(named)]);
  const saved = useSegments().data ?? [];
  const fields = useOwnFields();
  return {
    tag: (id) => labels.get(id) ?? id,
    event: (id) => {
      const known = events.get(id);
      return known ? eventLabel(known) : id;
    },
    segment: (id) => saved.find((one) => one.segmentId === id)?.name ?? id,
    fields,
  };
}

/** A form is open for a condition by its place, or for a new one of a kind. */
type Open = number | Kind | null;

function Chips(props: Asked & { conditions: Condition[] }) {
  const { conditions, build } = props;
  const names = useNames(conditions);
  const fields = useOwnFields();
  const [open, setOpen] = useState<Open>(null);
  const used = conditions.map(kindOf);
  const ready: Kind[] = USUAL.filter((kind) => !used.includes(kind));
  if (typeof open === "string" && !ready.includes(open)) ready.push(open);
  const set = (next: Condition[]) => {
    setOpen(null);
    build(nodeOf(next));
  };
  const form = (kind: Kind, condition: Condition | null, apply: (one: Condition) => void) => (
    <FilterForm
      kind={kind}
      condition={condition}
      apply={apply}
      fields={fields}
      currencies={props.currencies}
    />
  );
  return (
    <>
      {conditions.map((one, place) => {
        const kind = kindOf(one);
        const label = chipText(one, names);
        const others = conditions.filter((_, at) => at !== place);
        return (
          kind && (
            // biome-ignore lint/suspicious/noArrayIndexKey: two can be the same
            <Group gap={2} key={`${place} ${label}`} wrap="nowrap">
              <Chip
                label={label}
                set
                open={open === place}
                change={(on) => setOpen(on ? place : null)}
              >
                {form(kind, one, (next) =>
                  set(conditions.map((old, at) => (at === place ? next : old))),
                )}
              </Chip>
              <ActionIcon
                variant="default"
                aria-label={t("people.filter.remove", { what: label })}
                onClick={() => set(others)}
              >
                <IconX size={14} aria-hidden />
              </ActionIcon>
            </Group>
          )
        );
      })}
      {ready.map((kind) => (
        <Chip
          key={kind}
          label={kindText(kind, names.fields)}
          open={open === kind}
          change={(on) => setOpen(on ? kind : null)}
        >
          {form(kind, null, (next) => set([...conditions, next]))}
        </Chip>
      ))}
      <Kinds names={names} choose={setOpen} />
      {conditions.length > 1 && (
        <Button variant="default" size="compact-sm" onClick={() => set([])}>
          {t("people.filter.clear")}
        </Button>
      )}
    </>
  );
}

function Chip(props: {
  label: string;
  /** It filters already. */
  set?: boolean;
  open: boolean;
  change: (open: boolean) => void;
  children: ReactNode;
}) {
  return (
    <Popover
      opened={props.open}
      onChange={props.change}
      position="bottom-start"
      width={320}
      trapFocus
      withinPortal
    >
      <Popover.Target>
        <Button
          variant="default"
          size="compact-sm"
          radius="xl"
          fw={props.set ? 700 : 400}
          className={props.set ? "chip chip-set" : "chip"}
          onClick={() => props.change(!props.open)}
        >
          {props.label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>{props.children}</Popover.Dropdown>
    </Popover>
  );
}

/** Everything that can be filtered by, own fields too. */
function Kinds({ names, choose }: { names: Names; choose: (kind: Kind) => void }) {
  const own = names.fields.map((one): Kind => `field:${one.name}`);
  const item = (kind: Kind) => (
    <Menu.Item key={kind} onClick={() => choose(kind)}>
      {kindText(kind, names.fields)}
    </Menu.Item>
  );
  return (
    <Menu position="bottom-start" returnFocus={false} withinPortal>
      <Menu.Target>
        <Button
          variant="default"
          size="compact-sm"
          radius="xl"
          className="chip"
          aria-label={t("people.filter.add")}
          leftSection={<IconPlus size={14} aria-hidden />}
        >
          {t("people.filter.more")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {KINDS.map(item)}
        {own.length > 0 && <Menu.Label>{t("people.filter.fields")}</Menu.Label>}
        {own.map(item)}
      </Menu.Dropdown>
    </Menu>
  );
}
