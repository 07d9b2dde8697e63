import { Alert, Button, Grid, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { type Rule, type RuleRequest, useDrafts } from "../../api/rules";
import { Card } from "../../ui/Card";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";
import { usePreview } from "./ActDialog";
import { type Draft, draftOf, EMPTY, fieldOf, openFields, requestOf } from "./draft";
import { Findings } from "./Findings";
import { Parts } from "./Parts";
import { RuleForm, type Said } from "./RuleForm";
import type { useSaving } from "./saving";

/** The form of a rule, what it would do, and saving it. */
export function Writing(props: {
  rule: Rule | null;
  rules: Rule[];
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  save: ReturnType<typeof useSaving>;
  reload: () => void;
  /** Ask, and then save it so that it acts. */
  act: (request: RuleRequest) => void;
}) {
  const { rule, draft, save } = props;
  const drafts = useDrafts();
  const [tried, setTried] = useState(false);
  const [asked, setAsked] = useState<RuleRequest | null>(null);
  const preview = usePreview(asked && { request: asked, ruleId: null });
  const open = openFields(draft);
  const before = rule ? draftOf(rule) : EMPTY;
  const changed = JSON.stringify(draft) !== JSON.stringify(before);
  const request = requestOf(draft, rule?.on ?? false);
  const stale =
    asked !== null && JSON.stringify({ ...asked, on: request.on }) !== JSON.stringify(request);
  const field = save.refused && fieldOf(save.refused.reason, draft);
  const said: Said = {
    ...(tried && Object.fromEntries(open.map((one) => [one, t(`rules.open.${one}`)]))),
    ...(field && save.refused && { [field]: refusedSaid(save.refused, props.rules) }),
  };
  const look = () => {
    if (asked && !stale) preview.refetch();
    else setAsked(request);
  };
  /** Do something with what is written, once all is there. */
  const whole = (work: () => void) => () => {
    setTried(true);
    if (!open.length) work();
  };
  return (
    <Grid>
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Stack>
          {save.other !== null && rule && (
            <Alert color="yellow" role="alert" title={t("rules.changedMeanwhile")}>
              <Stack gap="xs" align="stretch">
                <Parts
                  rule={rule}
                  draft={(id) => drafts?.find((one) => one.campaignId === id)?.name ?? null}
                />
                <Group gap="xs">
                  <Button size="compact-sm" variant="default" onClick={props.reload}>
                    {t("rules.showThat")}
                  </Button>
                  <Button
                    size="compact-sm"
                    color="red"
                    loading={save.isPending}
                    onClick={whole(() => save.run({ request, over: save.other ?? undefined }))}
                  >
                    {t("rules.overwrite")}
                  </Button>
                </Group>
              </Stack>
            </Alert>
          )}
          <RuleForm draft={draft} change={props.change} said={said} />
          {save.refused && save.other === null && !field && <ErrorNotice error={save.refused} />}
          {tried && open.length > 0 && (
            <Text size="sm" role="alert">
              {t("rules.open.some", { count: open.length })}
            </Text>
          )}
          <Group>
            <Button variant="default" onClick={whole(look)}>
              {t("rules.preview")}
            </Button>
            <Button
              variant={rule?.on ? "filled" : "default"}
              disabled={!changed || save.other !== null}
              loading={save.isPending}
              onClick={whole(() => (rule?.on ? props.act(request) : save.run({ request })))}
            >
              {t(rule?.on ? "rules.saveOn" : "rules.saveOff")}
            </Button>
            {!rule?.on && (
              <Button
                disabled={save.other !== null}
                onClick={whole(() => props.act({ ...request, on: true }))}
              >
                {t("rules.saveAndOn")}
              </Button>
            )}
          </Group>
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <Card title={t("rules.previewTitle")}>
          {!asked && <Text c="dimmed">{t("rules.previewHint")}</Text>}
          {asked && preview.error && <ErrorNotice error={preview.error} retry={preview.refetch} />}
          {asked && !preview.data && !preview.error && <LoadingRows count={3} />}
          {stale && preview.data && (
            <Text size="sm" role="status">
              {t("rules.previewOld")}
            </Text>
          )}
          {asked && preview.data && <Findings preview={preview.data} kind={kindIn(asked)} whole />}
        </Card>
      </Grid.Col>
    </Grid>
  );
}

const kindIn = (request: RuleRequest) => Object.keys(request.when)[0] as Draft["kind"];

/** A refusal, with the names of the rules that it is about. */
function refusedSaid(
  refused: NonNullable<ReturnType<typeof useSaving>["refused"]>,
  rules: Rule[],
): string {
  const ids = refused.reason === "rules-loop" ? (refused.details.ruleIds as string[]) : [];
  const names = rules.filter((one) => ids.includes(one.ruleId)).map((one) => one.name);
  return names.length
    ? `${refused.message} ${t("rules.refused.named", { names: names.join(", ") })}`
    : refused.message;
}
