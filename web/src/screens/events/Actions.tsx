import { Button, Group } from "@mantine/core";
import { IconFilter, IconMail, IconTag } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import type { EventRow } from "../../api/types";
import { useBackend } from "../../backend";
import { type Chosen, TagMany } from "../../people/TagMany";
import { DownloadButton } from "../../segments/DownloadButton";
import { useReach } from "../../segments/reach";
import { useMay } from "../../session";
import { notifyError } from "../../ui/notify";
import { t } from "../../words";
import { countOf, segmentOf, textOf } from "./attendance";

/** What can be done with the people of an event: of one to come who has a ticket, else who came. */
export function Actions({ event, toCome }: { event: EventRow; toCome: boolean }) {
  const backend = useBackend();
  const go = useNavigate();
  const editor = useMay("editor");
  const who = toCome ? "coming" : "came";
  const segment = segmentOf(who, event.eventId);
  const count = countOf(who, event);
  const { data: counted } = useReach(editor && count ? segment : null);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const name = (event.name ?? event.eventId).slice(0, 70);
  const mailing = useDeed({
    work: () =>
      call(backend, "save_campaign", {
        name: t(toCome ? "events.mailNameComing" : "events.mailNameCame", { event: name }),
        subject: t(toCome ? "events.mailSubjectComing" : "events.mailSubjectCame", { event: name }),
        body: { format: "markdown", source: draft() },
        segment,
      }),
    onSuccess: ({ campaign }) => go(`/campaigns/${campaign.campaignId}`),
    onError: notifyError,
  });
  const text = textOf(who, event.eventId);
  return (
    <Group gap="xs">
      {editor && <DownloadButton segment={count ? text : null} counted={counted} />}
      <Button
        variant="default"
        component={Link}
        to={`/segments/new?${new URLSearchParams({ segment: text })}`}
        leftSection={<IconFilter size={16} aria-hidden />}
      >
        {t("events.makeSegment")}
      </Button>
      {editor && (
        <>
          <Button
            variant="default"
            leftSection={<IconTag size={16} aria-hidden />}
            disabled={!count}
            onClick={() => setChosen({ segment, count })}
          >
            {t(toCome ? "events.tagComing" : "events.tagCame")}
          </Button>
          <Button
            variant="default"
            leftSection={<IconMail size={16} aria-hidden />}
            disabled={!count}
            loading={mailing.isPending}
            onClick={() => mailing.run()}
          >
            {t(toCome ? "events.mailComing" : "events.mailCame")}
          </Button>
        </>
      )}
      <TagMany chosen={chosen} close={() => setChosen(null)} />
    </Group>
  );
}

/** How the mail begins: the rest is written by who sends it. */
const draft = () =>
  `${t("events.mailHello", { name: `{{ first_name | default: "${t("events.mailFriend")}" }}` })}\n\n`;
