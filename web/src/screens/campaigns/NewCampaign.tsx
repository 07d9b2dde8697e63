import { Button, Group, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { refusalOf } from "../../api/calls";
import { ask } from "../../api/campaigns";
import { useDeed } from "../../api/deeds";
import type { SegmentNode } from "../../api/types";
import { useBackend } from "../../backend";
import { BackLink } from "../../ui/BackLink";
import { Card } from "../../ui/Card";
import { ErrorNotice, PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { AudienceField } from "./AudienceCard";
import { markdownOf } from "./blocks";

/** The beginning of a campaign: its name, and who gets it. Another screen may say both in the address. */
export function NewCampaign() {
  const backend = useBackend();
  const go = useNavigate();
  const [params] = useSearchParams();
  const [name, setName] = useState(params.get("name") ?? "");
  const [segment, setSegment] = useState<SegmentNode | string>(params.get("segment") ?? {});
  const save = useDeed({
    work: () =>
      ask(backend, "save_campaign", {
        name: name.trim(),
        subject: "",
        body: { format: "markdown", source: beginning() },
        segment: typeof segment === "string" ? segment.trim() || "everyone" : segment,
      }),
    onSuccess: ({ campaign }) => go(`/campaigns/${campaign.campaignId}`, { replace: true }),
  });
  const refused = save.error && refusalOf(save.error);
  const ofSegment = refused?.reason?.startsWith("segment-") ? refused : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) save.run();
  };
  return (
    <>
      <BackLink path="/campaigns">{t("campaigns.title")}</BackLink>
      <PageHead title={t("campaigns.new")} />
      <form onSubmit={submit}>
        <Stack maw={640}>
          <Card title={t("campaigns.head")}>
            <TextInput
              label={t("campaigns.name")}
              description={t("campaigns.nameWhy")}
              maxLength={100}
              required
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          </Card>
          <Card title={t("campaigns.audience.title")}>
            <AudienceField segment={segment} change={setSegment} refused={ofSegment} />
          </Card>
          {refused && !ofSegment && <ErrorNotice error={refused} />}
          <Group>
            <Button type="submit" disabled={!name.trim()} loading={save.isPending}>
              {t("campaigns.create")}
            </Button>
          </Group>
        </Stack>
      </form>
    </>
  );
}

const beginning = () =>
  markdownOf([
    { kind: "heading", text: t("campaigns.start.heading") },
    {
      kind: "text",
      text: t("campaigns.start.greeting", {
        name: `{{ first_name | default: "${t("campaigns.placeholder.friend")}" }}`,
      }),
    },
  ]);
