import { Alert, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Trans } from "react-i18next";
import { refusalOf } from "../../api/calls";
import { ask, type Campaign, useUndoSeconds } from "../../api/campaigns";
import { useDeed } from "../../api/deeds";
import { useBackend } from "../../backend";
import { clockIn, number, ZONE } from "../../format";
import { Confirm } from "../../ui/Confirm";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";
import { Reached } from "./AudienceCard";
import { mustType, typedRight } from "./rules";
import { durationInWords } from "./words";

/** What a campaign's sending was answered with, and when it was asked for. */
export interface Sent {
  campaign: Campaign;
  chosen: string | null;
}

/** The last question before a campaign is sent: to how many, and when. */
export function SendDialog(props: {
  campaign: Campaign;
  close: () => void;
  sent: (sent: Sent) => void;
}) {
  const { campaign } = props;
  const { campaignId } = campaign;
  const backend = useBackend();
  const [opened] = useState(() => Date.now());
  const preview = useQuery({
    queryKey: ["campaign", campaignId, "sending", opened],
    queryFn: () => ask(backend, "preview_campaign", { campaignId }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  const seconds = useUndoSeconds();
  const [changed, setChanged] = useState<number | null>(null);
  const [later, setLater] = useState(false);
  const [at, setAt] = useState(() => clockIn(new Date(Date.now() + 86_400_000), ZONE));
  const [typed, setTyped] = useState("");
  const chosen = later ? at : null;
  const known = preview.data;
  const reachable = changed ?? known?.audience.reachable ?? 0;
  const send = useDeed({
    work: () =>
      ask(backend, "send_campaign", {
        campaignId,
        expected: reachable,
        at: chosen,
      }),
    onSuccess: (answer) => {
      props.sent({ campaign: answer.campaign, chosen });
      props.close();
    },
    onError: (error) => {
      const { reason, details } = refusalOf(error);
      if (reason !== "audience-changed") return;
      setChanged(Number(details.reachable));
      setTyped("");
    },
  });
  const stops = known?.problems.filter((one) => one.blocking) ?? [];
  const ready =
    !!known &&
    !stops.length &&
    reachable > 0 &&
    (!later || at !== "") &&
    (!mustType(reachable) || typedRight(typed, reachable));
  const other = send.error && refusalOf(send.error).reason === "audience-changed";
  return (
    <Confirm
      title={t("campaigns.send.title", { name: campaign.name })}
      action={
        later
          ? t("campaigns.send.schedule", { count: reachable })
          : t("campaigns.send.now", { count: reachable })
      }
      pending={send.isPending}
      error={other ? null : send.error}
      close={props.close}
      confirm={() => send.run()}
      disabled={!ready}
      size="lg"
    >
      {preview.error && <ErrorNotice error={preview.error} retry={preview.refetch} />}
      {!known && !preview.error && <LoadingRows count={3} />}
      {known && (
        <Stack gap="sm">
          <Text style={{ overflowWrap: "anywhere" }}>
            <strong>{known.subject || t("campaigns.noSubject")}</strong>
            <br />
            {t("campaigns.send.from", { sender: campaign.from || "–" })}
          </Text>
          {changed === null ? (
            <Reached audience={known.audience} />
          ) : (
            <Alert color="yellow" role="alert" title={t("campaigns.send.changed")}>
              {t("campaigns.send.changedText", { count: changed })}
            </Alert>
          )}
          {stops.length > 0 && (
            <Alert color="red" role="alert">
              {t("campaigns.send.stops", { count: stops.length })}
            </Alert>
          )}
          {known.audience.reachable === 0 && changed === null && (
            <Alert color="red" role="alert">
              {t("campaigns.send.nobody")}
            </Alert>
          )}
        </Stack>
      )}
      <SegmentedControl
        aria-label={t("campaigns.send.when")}
        value={later ? "later" : "now"}
        onChange={(next) => setLater(next === "later")}
        data={[
          { value: "now", label: t("campaigns.send.atOnce") },
          { value: "later", label: t("campaigns.send.atTime") },
        ]}
      />
      {later && (
        <TextInput
          type="datetime-local"
          label={t("campaigns.send.at")}
          description={t("campaigns.send.zone", { zone: ZONE })}
          value={at}
          onChange={(event) => setAt(event.currentTarget.value)}
        />
      )}
      {!later && seconds !== undefined && (
        <Text size="sm">{t("campaigns.send.undo", { count: seconds })}</Text>
      )}
      {known && (
        <Text size="sm" c="dimmed">
          {t("campaigns.send.takes", { time: durationInWords(known.estimate.seconds) })}
        </Text>
      )}
      {mustType(reachable) && (
        <TextInput
          label={
            <Trans
              i18nKey="campaigns.send.type"
              values={{ number: number(reachable) }}
              components={{ strong: <strong /> }}
            />
          }
          inputMode="numeric"
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
    </Confirm>
  );
}
