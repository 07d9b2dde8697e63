import { Button, Group, NativeSelect, Paper, Stack, Text } from "@mantine/core";
import { IconFolderPlus, IconPlus } from "@tabler/icons-react";
import { Fragment } from "react";
import { useTimeZone } from "../../api/figures";
import { useOwnFields } from "../../api/ownFields";
import { useSegments } from "../../api/queries";
import {
  type Group as Conditions,
  DEEPEST,
  FRESH,
  HOWS,
  type How,
  type Item,
  isGroup,
  isTimed,
  newGroup,
  rowOf,
  rowsIn,
} from "../../segments/builder";
import { t } from "../../words";
import { Condition } from "./Condition";
import { Remove } from "./Remove";
import type { Known } from "./Values";

/** The conditions of a segment in rows and groups. */
export function Builder(props: {
  group: Conditions;
  build: (next: Conditions) => void;
  /** The segment that is edited, which cannot be part of itself. */
  but?: string;
}) {
  const { group, build } = props;
  const saved = (useSegments().data ?? []).filter((one) => one.segmentId !== props.but);
  const timed = rowsIn(group).some(isTimed);
  const zone = useTimeZone(timed);
  const fields = useOwnFields();
  return (
    <Stack>
      <Rows group={group} build={build} known={{ saved, zone, fields }} depth={1} />
      {timed && zone && (
        <Text size="sm" c="dimmed" data-testid="zone">
          {t("segments.zone", { zone })}
        </Text>
      )}
    </Stack>
  );
}

const fresh = () => rowOf({ tag: FRESH.tag });

/** The rows of one group, and of the groups in it. */
function Rows(props: {
  group: Conditions;
  build: (next: Conditions) => void;
  remove?: () => void;
  known: Known;
  depth: number;
}) {
  const { group, build, known, depth } = props;
  const { how, items } = group;
  const change = (item: Item, next: Item | null) =>
    build({
      ...group,
      items: items.flatMap((one) => (one.key !== item.key ? [one] : next ? [next] : [])),
    });
  const add = (item: Item) => build({ ...group, items: [...items, item] });
  const chosen = items.length > 1 || how === "none" || how === "notAll" || depth > 1;
  const word = t(how === "all" || how === "notAll" ? "segments.and" : "segments.or");
  return (
    <Stack gap="xs">
      {chosen && (
        <Group justify="space-between" wrap="nowrap">
          <NativeSelect
            aria-label={t("segments.how")}
            value={how}
            data={HOWS.map((one) => ({ value: one, label: t(`segments.hows.${one}`) }))}
            onChange={(event) => build({ ...group, how: event.currentTarget.value as How })}
          />
          {props.remove && <Remove label={t("segments.removeGroup")} remove={props.remove} />}
        </Group>
      )}
      {!items.length && <Text>{t("segments.everyoneHint")}</Text>}
      {items.map((item, at) => (
        <Fragment key={item.key}>
          {at > 0 && (
            <Text size="sm" c="dimmed">
              {word}
            </Text>
          )}
          {isGroup(item) ? (
            <Paper withBorder p="xs" role="group" aria-label={t("segments.group")}>
              <Rows
                group={item}
                build={(next) => change(item, next.items.length ? next : null)}
                remove={() => change(item, null)}
                known={known}
                depth={depth + 1}
              />
            </Paper>
          ) : (
            <Condition
              row={item}
              known={known}
              change={(next) => change(item, next)}
              remove={() => change(item, null)}
            />
          )}
        </Fragment>
      ))}
      <Group gap="xs">
        <Button
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => add(fresh())}
        >
          {t("segments.addCondition")}
        </Button>
        {depth < DEEPEST && items.length > 0 && (
          <Button
            variant="default"
            leftSection={<IconFolderPlus size={16} aria-hidden />}
            onClick={() => add(newGroup(how === "any" ? "all" : "any", [fresh()]))}
          >
            {t("segments.addGroup")}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
