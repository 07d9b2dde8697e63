import { Alert, Button, Group, List, Paper, Stack, Text, Title } from "@mantine/core";
import { IconPrinter } from "@tabler/icons-react";
import type { ProcessingRecord } from "crm-lite-client";
import type { ReactNode } from "react";
import { day } from "../../format";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";
import { useProcessingRecord } from "./setup";

/** The record of processing activities (GDPR art. 30), to read and print. */
export function RecordTab() {
  const { data: record, error, refetch } = useProcessingRecord();
  if (error) return <ErrorNotice error={error} retry={refetch} />;
  if (!record) return <LoadingRows />;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={2} size="h3">
          {t("privacy.record.title")}
        </Title>
        <Button
          className="not-printed"
          variant="default"
          leftSection={<IconPrinter size={16} aria-hidden />}
          onClick={() => window.print()}
        >
          {t("privacy.print")}
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        {t("privacy.record.asOf", { day: day(new Date().toISOString()) })}
      </Text>
      {record.missing.length > 0 && (
        <Alert color="red" role="alert" title={t("privacy.record.missing")}>
          {record.missing.map((name) => (
            <Text key={name}>
              <code>{name}</code>
            </Text>
          ))}
        </Alert>
      )}
      <Who record={record} />
      <Title order={2} size="h4">
        {t("privacy.record.data")}
      </Title>
      <Data record={record} />
      {record.fields.length > 0 && (
        <>
          <Title order={2} size="h4">
            {t("privacy.record.fields")}
          </Title>
          <dl className="facts">
            {record.fields.map(({ label, purpose }) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{purpose}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </Stack>
  );
}

/** Who answers for it, and why it is done: the texts of crm.toml; what is empty there is said with its name. */
function Who({ record }: { record: ProcessingRecord }) {
  const list = (texts: string[]) =>
    texts.length ? (
      <List size="sm">
        {texts.map((text) => (
          <List.Item key={text}>{text}</List.Item>
        ))}
      </List>
    ) : null;
  const rows: [key: string, name: string, said: ReactNode][] = [
    ["controller", t("privacy.record.controller"), record.controller],
    ["contact", t("privacy.record.contact"), record.contact],
    ["officer", t("privacy.record.officer"), record.officer],
    ["purposes", t("privacy.record.purposes"), list(record.purposes)],
    ["recipients", t("privacy.record.recipients"), list(record.recipients)],
    ["transfers", t("privacy.record.transfers"), record.transfers],
    ["retention", t("privacy.record.retention"), record.retention],
    ["source", t("privacy.record.source"), record.source],
    ["complaint", t("privacy.record.complaint"), record.complaint],
    ["automated_decisions", t("privacy.record.automated"), record.automatedDecisions],
  ];
  return (
    <dl className="facts">
      {rows.map(([key, name, said]) => (
        <div key={key}>
          <dt>{name}</dt>
          <dd>{said || t("privacy.record.empty", { name: `privacy.${key}` })}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Each collection with what it holds of people; these texts are the product's own, in English. */
function Data({ record }: { record: ProcessingRecord }) {
  return (
    <Stack
      gap="xs"
      component="ul"
      m={0}
      p={0}
      className="plain"
      aria-label={t("privacy.record.data")}
    >
      {record.data.map((one) => (
        <Paper component="li" withBorder p="sm" key={one.name}>
          <Text fw={600}>
            <code>{one.name}</code> ({one.where})
          </Text>
          <dl className="facts">
            <Fact name={t("privacy.record.what")} said={one.what} />
            <Fact name={t("privacy.record.why")} said={one.why} />
            <Fact name={t("privacy.record.until")} said={one.until} />
          </dl>
        </Paper>
      ))}
    </Stack>
  );
}

function Fact({ name, said }: { name: string; said: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd lang="en">{said}</dd>
    </div>
  );
}
