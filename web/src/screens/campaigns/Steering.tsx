import { Alert, Button, Group, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { ask, type Campaign, type Counts, copyOf } from "../../api/campaigns";
import { useDeed } from "../../api/deeds";
import { useBackend } from "../../backend";
import { dateOf } from "../../format";
import { useMay } from "../../session";
import { Confirm } from "../../ui/Confirm";
import { notifyDone, notifyError, notifyVain } from "../../ui/notify";
import { t } from "../../words";
import { MAY, secondsUntil } from "./rules";

/** How many seconds are left until a campaign begins, counted down. */
export function useSecondsLeft(campaign: Campaign, ahead: number): number {
  const at = campaign.scheduledAt ? dateOf(campaign.scheduledAt).getTime() : 0;
  const counting = campaign.state === "scheduled";
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!counting) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [counting]);
  return counting ? secondsUntil(at, now, ahead) : 0;
}

/** The time in which a campaign can be taken back as if it had never been sent. */
export function Undo({ campaign, left }: { campaign: Campaign; left: number }) {
  const backend = useBackend();
  const go = useNavigate();
  const editor = useMay("editor");
  const { campaignId } = campaign;
  const undo = useDeed({
    work: async (copyName: string, signal) => {
      const ended = await ask(backend, "cancel_campaign", { campaignId });
      if (ended.campaign.startedAt !== null) return null;
      signal.throwIfAborted();
      // What was cancelled stays so: the mail goes on as a draft of the same name.
      const copy = copyOf(campaign, copyName);
      return await ask(backend, "save_campaign", copy);
    },
    onSuccess: (copy) => {
      if (!copy) return notifyVain(t("campaigns.undo.tooLate"));
      notifyDone(t("campaigns.undo.done"));
      go(`/campaigns/${copy.campaign.campaignId}`, { replace: true });
    },
    onError: notifyError,
  });
  return (
    <Alert color="blue" role="status">
      <Group justify="space-between">
        <Text fw={600} aria-live="off">
          {left > 0 ? t("campaigns.undo.left", { count: left }) : t("campaigns.undo.beginning")}
        </Text>
        {editor && left > 0 && (
          <Button
            variant="default"
            loading={undo.isPending}
            onClick={() => undo.run(campaign.name)}
          >
            {t("shared.undo")}
          </Button>
        )}
      </Group>
    </Alert>
  );
}

type Move = "pause" | "resume" | "cancel";

/** What can be done with a campaign on its way: stop it, have it go on, end it. */
export function Steering({ campaign, counts }: { campaign: Campaign; counts: Counts }) {
  const backend = useBackend();
  const { campaignId, state } = campaign;
  const [asked, setAsked] = useState<"resume" | "cancel" | null>(null);
  const move = useDeed({
    work: async (what: Move) => {
      await ask(backend, `${what}_campaign`, { campaignId });
      return what;
    },
    onSuccess: (what) => {
      notifyDone(t(`campaigns.steer.${what}Done`));
      setAsked(null);
    },
    onError: (error) => {
      if (!asked) notifyError(error);
    },
  });
  const close = () => {
    move.reset();
    setAsked(null);
  };
  const may = (what: Move) => MAY[what].includes(state);
  if (!may("pause") && !may("resume") && !may("cancel")) return null;
  return (
    <Group>
      {may("pause") && (
        <Button variant="default" loading={move.isPending} onClick={() => move.run("pause")}>
          {t("campaigns.steer.pause")}
        </Button>
      )}
      {may("resume") && (
        <Button onClick={() => setAsked("resume")}>{t("campaigns.steer.resume")}</Button>
      )}
      {may("cancel") && (
        <Button variant="default" onClick={() => setAsked("cancel")}>
          {t("campaigns.steer.cancel")}
        </Button>
      )}
      {asked && (
        <Confirm
          title={t(`campaigns.steer.${asked}Title`, { name: campaign.name })}
          action={t(`campaigns.steer.${asked}Action`)}
          danger={asked === "cancel"}
          pending={move.isPending}
          error={move.error}
          close={close}
          confirm={() => move.run(asked)}
        >
          <Text>
            {asked === "cancel"
              ? counts.accepted
                ? t("campaigns.steer.cancelText", { count: counts.accepted })
                : t("campaigns.steer.cancelNobody")
              : state === "halted"
                ? t("campaigns.steer.resumeHalted")
                : t("campaigns.steer.resumeText", { count: counts.waiting })}
          </Text>
        </Confirm>
      )}
    </Group>
  );
}
