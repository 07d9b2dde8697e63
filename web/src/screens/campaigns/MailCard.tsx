import { Button, Code, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { type Campaign, usePreview } from "../../api/campaigns";
import { useMay } from "../../session";
import { Card } from "../../ui/Card";
import { t } from "../../words";
import { AudienceField } from "./AudienceCard";
import { PreviewCard } from "./PreviewCard";

/** A campaign's mail for who reads it: what was written, and, for editors, how it looks. */
export function MailCard({ campaign }: { campaign: Campaign }) {
  const editor = useMay("editor");
  const [shown, setShown] = useState(false);
  const rows: [string, string][] = [
    [t("campaigns.subject"), campaign.subject],
    [t("campaigns.previewText"), campaign.preview],
    [t("campaigns.from"), campaign.from],
    [t("campaigns.replyTo"), campaign.replyTo ?? ""],
  ];
  return (
    <Stack>
      <Card
        title={t("campaigns.mail")}
        action={
          editor &&
          !shown && (
            <Button size="compact-sm" variant="default" onClick={() => setShown(true)}>
              {t("campaigns.preview.show")}
            </Button>
          )
        }
      >
        {rows.map(([name, value]) => (
          <div key={name}>
            <Text size="sm" c="dimmed">
              {name}
            </Text>
            <Text style={{ overflowWrap: "anywhere" }}>{value || "–"}</Text>
          </div>
        ))}
        <div>
          <Text size="sm" c="dimmed">
            {t("campaigns.body")} (
            {campaign.body.format === "mjml" ? "MJML" : t("campaigns.way.markdown")})
          </Text>
          <Code block tabIndex={0} style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
            {campaign.body.source}
          </Code>
        </div>
        <AudienceField segment={campaign.segment} change={() => {}} disabled />
      </Card>
      {shown && <Shown campaign={campaign} />}
    </Stack>
  );
}

function Shown({ campaign }: { campaign: Campaign }) {
  const [person, setPerson] = useState<string | null>(null);
  const preview = usePreview(campaign.campaignId, campaign.revision, person, true);
  return <PreviewCard preview={preview} person={person} setPerson={setPerson} refresh={null} />;
}
