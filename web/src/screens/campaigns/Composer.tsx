import { Alert, Button, Code, Grid, Group, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { type Campaign, usePreview } from "../../api/campaigns";
import { Card } from "../../ui/Card";
import { ErrorNotice } from "../../ui/PageParts";
import { Warnings } from "../../ui/Warnings";
import { t } from "../../words";
import { AudienceCard } from "./AudienceCard";
import { BlockEditor } from "./BlockEditor";
import { blocksOf } from "./blocks";
import { type Composing, useComposing } from "./composing";
import { PlaceholderField } from "./PlaceholderField";
import { PreviewCard } from "./PreviewCard";
import { ProblemList } from "./ProblemList";

/** Audiences up to this size are read again after each change; larger ones when somebody asks for it. */
const QUICK = 2_000;

/** Writing a campaign, with its preview beside it. `actions` are what can be done with what is saved. */
export function Composer(props: {
  campaign: Campaign;
  actions?: (composing: Composing) => ReactNode;
}) {
  const { campaign } = props;
  const composing = useComposing(campaign);
  const { form, change, told, error } = composing;
  const [person, setPerson] = useState<string | null>(null);
  const [shown, setShown] = useState(composing.revision);
  const preview = usePreview(campaign.campaignId, shown, person, true);
  const quick = (preview.data?.audience.matched ?? 0) <= QUICK;
  useEffect(() => {
    if (quick) setShown(composing.revision);
  }, [quick, composing.revision]);
  const fresh = shown === composing.revision && preview.data && !preview.isPlaceholderData;
  const problems = fresh ? preview.data?.problems : (told?.problems ?? preview.data?.problems);
  const ofSegment = error?.reason?.startsWith("segment-") ? error : null;
  return (
    <Grid>
      <Grid.Col span={{ base: 12, lg: 7 }}>
        <Stack>
          <SaveLine composing={composing} auto={campaign.state === "draft"}>
            {props.actions?.(composing)}
          </SaveLine>
          {composing.conflict && <Conflict campaign={campaign} composing={composing} />}
          {error && !ofSegment && error.reason !== "changed-meanwhile" && (
            <ErrorNotice error={error} retry={composing.save} />
          )}
          <Head composing={composing} />
          <AudienceCard
            segment={form.segment}
            change={(segment) => change({ segment })}
            fixed={campaign.state === "paused"}
            refused={ofSegment}
            audience={fresh ? (preview.data?.audience ?? null) : null}
          />
          <Warnings warnings={told?.warnings} />
          <Card title={t("campaigns.body")}>
            <BlockEditor
              key={composing.version}
              body={form.body}
              change={(body) => change({ body })}
            />
          </Card>
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 5 }}>
        <Stack>
          {problems && (
            <ProblemList
              problems={problems}
              blocks={form.body.format === "markdown" ? blocksOf(form.body.source) : null}
            />
          )}
          <PreviewCard
            preview={preview}
            person={person}
            setPerson={setPerson}
            refresh={quick || fresh ? null : () => setShown(composing.revision)}
          />
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

function Head({ composing }: { composing: Composing }) {
  const { form, change } = composing;
  return (
    <Card title={t("campaigns.head")}>
      <TextInput
        label={t("campaigns.name")}
        description={t("campaigns.nameWhy")}
        maxLength={100}
        required
        error={!form.name.trim() && t("campaigns.nameMissing")}
        value={form.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <PlaceholderField
        label={t("campaigns.subject")}
        maxLength={500}
        value={form.subject}
        change={(subject) => change({ subject })}
      />
      <PlaceholderField
        label={t("campaigns.previewText")}
        description={t("campaigns.previewWhy")}
        maxLength={500}
        value={form.preview}
        change={(preview) => change({ preview })}
      />
      <TextInput
        label={t("campaigns.from")}
        description={t("campaigns.fromWhy")}
        placeholder="Example Events <news@example.com>"
        value={form.from}
        onChange={(event) => change({ from: event.currentTarget.value })}
      />
      <TextInput
        label={t("campaigns.replyTo")}
        description={t("campaigns.replyWhy")}
        value={form.replyTo}
        onChange={(event) => change({ replyTo: event.currentTarget.value })}
      />
    </Card>
  );
}

function SaveLine(props: { composing: Composing; auto: boolean; children: ReactNode }) {
  const { dirty, saving, error, conflict } = props.composing;
  const word = saving
    ? "saving"
    : !dirty
      ? "saved"
      : error || conflict || !props.auto
        ? "unsaved"
        : "saving";
  return (
    <Group justify="space-between">
      <Text size="sm" c="dimmed" role="status" data-testid="saved">
        {t(`campaigns.saving.${word}`)}
      </Text>
      <Group gap="xs">
        {!props.auto && (
          <Button
            disabled={!dirty || conflict}
            loading={saving}
            onClick={() => props.composing.save()}
          >
            {t("campaigns.saving.save")}
          </Button>
        )}
        {props.children}
      </Group>
    </Group>
  );
}

function Conflict({ campaign, composing }: { campaign: Campaign; composing: Composing }) {
  return (
    <Alert color="yellow" role="alert" title={t("campaigns.conflict.title")}>
      <Stack gap="xs" align="flex-start">
        <Text>{t("campaigns.conflict.text", { name: campaign.name })}</Text>
        <Code
          block
          style={{ whiteSpace: "pre-wrap", maxHeight: 200, overflow: "auto" }}
          tabIndex={0}
        >
          {`${campaign.subject}\n\n${campaign.body.source}`}
        </Code>
        <Group gap="xs">
          <Button size="compact-sm" variant="default" onClick={composing.takeTheirs}>
            {t("campaigns.conflict.take")}
          </Button>
          <Button
            size="compact-sm"
            color="red"
            loading={composing.saving}
            onClick={composing.overwrite}
          >
            {t("campaigns.conflict.overwrite")}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
