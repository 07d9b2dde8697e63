import { Alert, Progress, Stack, Tabs, Text } from "@mantine/core";
import { useSearchParams } from "react-router";
import { type Campaign, useCounts } from "../../api/campaigns";
import { dateOf, time, ZONE } from "../../format";
import { useMay } from "../../session";
import { Card } from "../../ui/Card";
import { t } from "../../words";
import { Composer } from "./Composer";
import { Equation } from "./Equation";
import { MailCard } from "./MailCard";
import { Recipients } from "./Recipients";
import { ResultsCard } from "./ResultsCard";
import { clockTrick, MAY, SOON, settled } from "./rules";
import type { Sent } from "./SendDialog";
import { Steering, Undo, useSecondsLeft } from "./Steering";
import { haltInWords, stateInWords } from "./words";

const TABS = ["people", "results", "mail"] as const;
type Tab = (typeof TABS)[number];

/** A campaign that is on its way, or was: how far it is, who got it, and what came of it. */
export function Underway(props: { campaign: Campaign; sent: (Sent & { ahead: number }) | null }) {
  const { campaign, sent } = props;
  const editor = useMay("editor");
  const counts = useCounts(campaign);
  const [params, setParams] = useSearchParams();
  const begun = campaign.startedAt !== null;
  const usual: Tab = begun ? "people" : "mail";
  const tab = TABS.find((one) => one === params.get("tab")) ?? usual;
  const editable = editor && MAY.edit.includes(campaign.state) && !campaign.rule;
  return (
    <Stack>
      <Card title={t("campaigns.progress.title")}>
        <Waiting campaign={campaign} sent={sent} />
        {begun && (
          <>
            <Progress
              value={settled(counts)}
              aria-label={t("campaigns.progress.settled")}
              size="lg"
            />
            <Equation campaignId={campaign.campaignId} counts={counts} />
          </>
        )}
        {editor && <Steering campaign={campaign} counts={counts} />}
      </Card>
      <Tabs
        value={tab}
        onChange={(next) => setParams({ tab: next ?? usual }, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {TABS.filter((one) => begun || one === "mail").map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`campaigns.tab.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {begun && (
          <Tabs.Panel value="people">
            <Recipients campaign={campaign} counts={counts} />
          </Tabs.Panel>
        )}
        {begun && (
          <Tabs.Panel value="results">
            <ResultsCard campaign={campaign} counts={counts} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="mail">
          {editable ? <Composer campaign={campaign} /> : <MailCard campaign={campaign} />}
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

/** What a campaign waits for, or why it stands still. */
function Waiting({
  campaign,
  sent,
}: {
  campaign: Campaign;
  sent: (Sent & { ahead: number }) | null;
}) {
  const left = useSecondsLeft(campaign, sent?.ahead ?? 0);
  const { state, scheduledAt } = campaign;
  if (state === "scheduled" && scheduledAt) {
    const trick = clockTrick(sent?.chosen ?? null, dateOf(scheduledAt), ZONE);
    return (
      <>
        {left > SOON ? (
          <Text role="status">
            {t("campaigns.progress.scheduled", { time: time(scheduledAt), zone: ZONE })}
          </Text>
        ) : (
          <Undo campaign={campaign} left={left} />
        )}
        {trick && (
          <Alert color="yellow" role="status">
            {t(`campaigns.clock.${trick}`, {
              chosen: sent?.chosen?.replace("T", " "),
              time: time(scheduledAt),
            })}
          </Alert>
        )}
        {campaign.latestBy && (
          <Text size="sm" c="dimmed">
            {t("campaigns.progress.latest", { time: time(campaign.latestBy) })}
          </Text>
        )}
      </>
    );
  }
  if (state === "halted" || state === "missed") {
    const { said, more } = haltInWords(campaign);
    return (
      <Alert color="red" role="alert" title={stateInWords(state)}>
        {said}
        {more && (
          <Text size="sm" lang="en">
            {more}
          </Text>
        )}
      </Alert>
    );
  }
  const word = { preparing: 1, sending: 1, paused: 1, done: 1, cancelled: 1 } as const;
  if (!(state in word)) return null;
  return (
    <Text role="status">
      {t(`campaigns.progress.${state as keyof typeof word}`, {
        time: time(campaign.finishedAt ?? campaign.updatedAt),
      })}
    </Text>
  );
}
