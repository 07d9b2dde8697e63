import { Alert, Badge, Button, Group, Stack, Tabs, Text } from "@mantine/core";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { useDeed } from "../../api/deeds";
import { ask, type Rule, type RuleRequest, useDrafts } from "../../api/rules";
import { useBackend } from "../../backend";
import { number, time } from "../../format";
import { useMay } from "../../session";
import { BackLink } from "../../ui/BackLink";
import { Card } from "../../ui/Card";
import { Confirm } from "../../ui/Confirm";
import { notifyDone } from "../../ui/notify";
import { PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { ActDialog, type Waiting } from "./ActDialog";
import { asksAsBefore, draftOf, EMPTY, fieldOf, savedAs } from "./draft";
import { Parts } from "./Parts";
import { RuleCampaigns } from "./RuleCampaigns";
import { Runs } from "./Runs";
import { StatusBadge } from "./StatusBadge";
import { LATE, useSaving } from "./saving";
import { pausedSaid } from "./sentences";
import { Writing } from "./Writing";

type Asking =
  | { kind: "act"; request: RuleRequest; asSaved: boolean; first?: Waiting }
  | { kind: "off" }
  | { kind: "delete" };

const TABS = ["rule", "runs", "campaigns"] as const;

/** A rule: what it says, what it did, and what may be done with it. */
export function Editor(props: { rule: Rule | null; rules: Rule[]; reload: () => void }) {
  const { rule } = props;
  const backend = useBackend();
  const go = useNavigate();
  const editor = useMay("editor");
  const [params, setParams] = useSearchParams();
  const tab = TABS.find((one) => one === params.get("tab")) ?? "rule";
  const [draft, setDraft] = useState(rule ? draftOf(rule) : EMPTY);
  const [asking, setAsking] = useState<Asking | null>(null);
  const before = rule ? draftOf(rule) : EMPTY;
  const save = useSaving(rule, {
    saved: (saved) => {
      setAsking(null);
      notifyDone(t(saved.on ? "rules.savedOn" : "rules.savedOff"));
      if (!rule) go(`/rules/${saved.ruleId}`, { replace: true });
    },
    refused: (reason) => {
      // What is about a field stands there, not in the dialog above it.
      if (tab === "rule" && (reason === LATE || fieldOf(reason, draft))) setAsking(null);
    },
  });
  const remove = useDeed({
    work: (ruleId: string) => ask(backend, "delete_rule", { ruleId }),
    onSuccess: () => {
      notifyDone(t("rules.deleted"));
      go("/rules");
    },
  });
  const close = () => {
    save.reset();
    remove.reset();
    setAsking(null);
  };
  const act = (request: RuleRequest, asSaved: boolean, first?: Waiting) => {
    save.reset();
    setAsking({ kind: "act", request, asSaved, first });
  };
  return (
    <>
      <BackLink path="/rules">{t("rules.all")}</BackLink>
      <PageHead title={rule?.name ?? t("rules.new")}>
        {rule && <StatusBadge rule={rule} />}
        {rule && editor && (
          <>
            <Button
              variant="default"
              onClick={() =>
                rule.on ? setAsking({ kind: "off" }) : act(savedAs(rule, true), true)
              }
            >
              {t(rule.on ? "rules.switchOff" : "rules.switchOn")}
            </Button>
            <Button variant="default" onClick={() => setAsking({ kind: "delete" })}>
              {t("rules.delete")}
            </Button>
          </>
        )}
      </PageHead>
      <Stack>
        {rule?.on && rule.paused && (
          <Paused
            rule={rule}
            answer={editor ? (first) => act(savedAs(rule, true), true, first) : null}
          />
        )}
        {rule && (
          <Text size="sm" c="dimmed">
            {rule.since && `${t("rules.since", { time: time(rule.since) })} · `}
            {t("rules.acted", { count: rule.acted ?? 0 })}
          </Text>
        )}
        <Tabs
          value={tab}
          onChange={(next) =>
            setParams(next === "rule" ? {} : { tab: next ?? "" }, { replace: true })
          }
          keepMounted={false}
        >
          {rule && (
            <Tabs.List mb="md">
              <Tabs.Tab value="rule">{t("rules.tabs.rule")}</Tabs.Tab>
              <Tabs.Tab value="runs">
                {t("rules.tabs.runs")}{" "}
                <Badge component="span" variant="default" size="sm">
                  {number(rule.acted ?? 0)}
                </Badge>
              </Tabs.Tab>
              <Tabs.Tab value="campaigns">{t("rules.tabs.campaigns")}</Tabs.Tab>
            </Tabs.List>
          )}
          <Tabs.Panel value="rule">
            {editor ? (
              <Writing
                {...{ rule, draft, save }}
                rules={props.rules}
                reload={props.reload}
                change={(part) => setDraft((now) => ({ ...now, ...part }))}
                act={(request) => act(request, false)}
              />
            ) : (
              rule && <Reading rule={rule} />
            )}
          </Tabs.Panel>
          {rule && (
            <>
              <Tabs.Panel value="runs">
                <Runs ruleId={rule.ruleId} />
              </Tabs.Panel>
              <Tabs.Panel value="campaigns">
                <RuleCampaigns ruleId={rule.ruleId} />
              </Tabs.Panel>
            </>
          )}
        </Tabs>
      </Stack>
      {asking?.kind === "act" && (
        <ActDialog
          rule={rule}
          request={asking.request}
          asSaved={asking.asSaved}
          same={asking.asSaved || asksAsBefore(draft, before)}
          first={asking.first}
          pending={save.isPending}
          error={save.refused}
          close={close}
          confirm={(waiting) => save.run({ request: asking.request, waiting })}
        />
      )}
      {rule && asking?.kind === "off" && (
        <Confirm
          title={t("rules.off.title", { name: rule.name })}
          action={t("rules.off.now")}
          pending={save.isPending}
          error={save.refused}
          close={close}
          confirm={() => save.run({ request: savedAs(rule, false) })}
        >
          <Text>{t("rules.off.text")}</Text>
          <Text size="sm">{t("rules.acted", { count: rule.acted ?? 0 })}</Text>
        </Confirm>
      )}
      {rule && asking?.kind === "delete" && (
        <Confirm
          title={t("rules.deleteTitle", { name: rule.name })}
          action={t("rules.reallyDelete")}
          danger
          pending={remove.isPending}
          error={remove.error}
          close={close}
          confirm={() => remove.run(rule.ruleId)}
        >
          <Text>{t("rules.deleteText")}</Text>
        </Confirm>
      )}
    </>
  );
}

/** Why a rule stopped by itself, and what may be done. */
function Paused(props: { rule: Rule; answer: ((waiting: Waiting) => void) | null }) {
  const { rule, answer } = props;
  const goes = ["too-many", "template-unfit"].includes(rule.paused ?? "");
  return (
    <Alert color="yellow" role="alert" title={t("rules.status.paused")}>
      <Stack gap="xs" align="flex-start">
        <Text>{pausedSaid(rule)}</Text>
        {answer && goes && (
          <Group gap="xs">
            <Button size="compact-sm" variant="default" onClick={() => answer("act")}>
              {t("rules.act.actNow")}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => answer("drop")}>
              {t("rules.act.dropNow")}
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}

/** A rule in words, for who may not change it. */
function Reading({ rule }: { rule: Rule }) {
  const drafts = useDrafts();
  return (
    <Card title={t("rules.tabs.rule")}>
      <Parts
        rule={rule}
        draft={(id) => drafts?.find((one) => one.campaignId === id)?.name ?? null}
      />
    </Card>
  );
}
