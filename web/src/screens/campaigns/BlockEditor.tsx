import {
  ActionIcon,
  Alert,
  Button,
  Group,
  Menu,
  Paper,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import type { CampaignBody } from "../../api/campaigns";
import { t } from "../../words";
import { type Block, blocksOf, fresh, KINDS, markdownOf } from "./blocks";
import { PlaceholderField } from "./PlaceholderField";

interface Row {
  key: number;
  block: Block;
}

let last = 0;
const rowOf = (block: Block): Row => {
  last += 1;
  return { key: last, block };
};

type Way = "blocks" | "markdown" | "mjml";

/** What a mail says: in blocks, or as text where blocks cannot hold it. */
export function BlockEditor(props: {
  body: CampaignBody;
  change: (body: CampaignBody) => void;
  disabled?: boolean;
}) {
  const { body, change, disabled } = props;
  const [rows, setRows] = useState<Row[] | null>(() =>
    body.format === "mjml" ? null : (blocksOf(body.source)?.map(rowOf) ?? null),
  );
  const way: Way = body.format === "mjml" ? "mjml" : rows ? "blocks" : "markdown";
  const [refused, setRefused] = useState(false);
  const build = (next: Row[]) => {
    setRows(next);
    change({ format: "markdown", source: markdownOf(next.map((one) => one.block)) });
  };
  const choose = (next: Way) => {
    const found = next === "blocks" && way === "markdown" ? blocksOf(body.source) : null;
    setRefused(next === "blocks" && !found);
    if (next === "blocks" && !found) return;
    setRows(found?.map(rowOf) ?? null);
    if (next === "mjml") change({ format: "mjml", source: body.source });
    if (next !== "mjml" && way === "mjml") change({ format: "markdown", source: body.source });
  };
  return (
    <Stack>
      <SegmentedControl
        aria-label={t("campaigns.way.label")}
        value={way}
        disabled={disabled}
        onChange={(next) => choose(next as Way)}
        data={(["blocks", "markdown", "mjml"] as const).map((value) => ({
          value,
          label: t(`campaigns.way.${value}`),
        }))}
      />
      {refused && (
        <Alert color="yellow" role="alert">
          {t("campaigns.way.tooMuch")}
        </Alert>
      )}
      {way !== "blocks" && (
        <PlaceholderField
          text
          mono
          rows={12}
          label={t(way === "mjml" ? "campaigns.way.mjmlText" : "campaigns.way.markdownText")}
          value={body.source}
          change={(source) => change({ format: body.format, source })}
          disabled={disabled}
        />
      )}
      {rows && way === "blocks" && <Blocks rows={rows} build={build} disabled={disabled} />}
    </Stack>
  );
}

function Blocks(props: { rows: Row[]; build: (rows: Row[]) => void; disabled?: boolean }) {
  const { rows, build, disabled } = props;
  const move = (at: number, by: number) => {
    const next = [...rows];
    const [row] = next.splice(at, 1);
    if (row) next.splice(at + by, 0, row);
    build(next);
  };
  return (
    <>
      {rows.map(({ key, block }, at) => {
        const kind = t(`campaigns.block.${block.kind}`);
        const name = t("campaigns.blockName", { number: at + 1, kind });
        return (
          <Paper key={key} withBorder p="sm" role="group" aria-label={name}>
            <Group justify="space-between" mb={4} wrap="nowrap">
              <Text size="sm" c="dimmed">
                {name}
              </Text>
              <Group gap={4} wrap="nowrap">
                <Tool
                  label={t("campaigns.up", { name })}
                  disabled={disabled || at === 0}
                  run={() => move(at, -1)}
                  icon={IconArrowUp}
                />
                <Tool
                  label={t("campaigns.down", { name })}
                  disabled={disabled || at === rows.length - 1}
                  run={() => move(at, 1)}
                  icon={IconArrowDown}
                />
                <Tool
                  label={t("campaigns.removeBlock", { name })}
                  disabled={disabled}
                  run={() => build(rows.filter((one) => one.key !== key))}
                  icon={IconX}
                />
              </Group>
            </Group>
            <Fields
              block={block}
              disabled={disabled}
              set={(next) =>
                build(rows.map((one) => (one.key === key ? { key, block: next } : one)))
              }
            />
          </Paper>
        );
      })}
      {!disabled && (
        <Group>
          <Menu position="bottom-start">
            <Menu.Target>
              <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />}>
                {t("campaigns.addBlock")}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {KINDS.map((kind) => (
                <Menu.Item key={kind} onClick={() => build([...rows, rowOf(fresh(kind))])}>
                  {t(`campaigns.block.${kind}`)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </Group>
      )}
    </>
  );
}

function Tool(props: { label: string; disabled?: boolean; run: () => void; icon: typeof IconX }) {
  const { icon: Icon } = props;
  return (
    <ActionIcon
      variant="default"
      aria-label={props.label}
      disabled={props.disabled}
      onClick={props.run}
    >
      <Icon size={16} aria-hidden />
    </ActionIcon>
  );
}

function Fields(props: { block: Block; set: (block: Block) => void; disabled?: boolean }) {
  const { block, set, disabled } = props;
  switch (block.kind) {
    case "divider":
      return <Text size="sm">{t("campaigns.dividerText")}</Text>;
    case "heading":
      return (
        <PlaceholderField
          label={t("campaigns.headingText")}
          value={block.text}
          change={(text) => set({ ...block, text })}
          disabled={disabled}
        />
      );
    case "text":
      return (
        <PlaceholderField
          text
          label={t("campaigns.words")}
          value={block.text}
          change={(text) => set({ ...block, text })}
          disabled={disabled}
        />
      );
    default: {
      const button = block.kind === "button";
      return (
        <Stack gap="xs">
          <PlaceholderField
            label={t(button ? "campaigns.buttonText" : "campaigns.pictureText")}
            description={button ? undefined : t("campaigns.pictureWhy")}
            value={block.text}
            change={(text) => set({ ...block, text })}
            disabled={disabled}
          />
          <TextInput
            label={t(button ? "campaigns.buttonUrl" : "campaigns.pictureUrl")}
            placeholder="https://"
            inputMode="url"
            value={block.url}
            disabled={disabled}
            onChange={(event) => set({ ...block, url: event.currentTarget.value })}
          />
        </Stack>
      );
    }
  }
}
