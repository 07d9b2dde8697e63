import { Alert, Button, Code, Group, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useNavigate } from "react-router";
import { call, refusalOf } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import type { Segment } from "../../api/types";
import { useBackend } from "../../backend";
import { changedMeanwhile, revisionOf } from "../../segments/revisions";
import { Card } from "../../ui/Card";
import { notifyDone, notifyWarnings } from "../../ui/notify";
import { ErrorNotice } from "../../ui/PageParts";
import { t } from "../../words";

/** Saving a segment; over what somebody else saved meanwhile only if that is what is wanted. */
export function SaveForm(props: {
  /** As it is saved now, followed live. */
  saved: Segment | null;
  /** What would be saved, once it is understood. */
  text: string | null;
  /** Leave what was edited here and show what is saved. */
  reload: () => void;
}) {
  const { saved, text } = props;
  const backend = useBackend();
  const go = useNavigate();
  const [name, setName] = useState(saved?.name ?? "");
  const [description, setDescription] = useState(saved?.description ?? "");
  const [base, setBase] = useState(saved && revisionOf(saved));
  const save = useDeed({
    work: (over: number | null) =>
      call(backend, "save_segment", {
        name: name.trim(),
        segment: text ?? "",
        description: description.trim() || null,
        segmentId: saved?.segmentId ?? null,
        revision: over,
      }),
    onSuccess: ({ segmentId, revision, warnings }) => {
      setBase(revision);
      notifyDone(t("segments.saved"));
      notifyWarnings(warnings);
      go(`/segments/${segmentId}?tab=conditions`);
    },
  });
  const late = save.error && refusalOf(save.error).reason === "changed-meanwhile";
  const changed = late || (!save.isPending && changedMeanwhile(base, saved));
  const ready = name.trim() && text !== null;
  return (
    <Card title={t("segments.save")}>
      {changed && saved && (
        <Alert color="yellow" role="alert" title={t("segments.changedMeanwhile")}>
          <Stack gap="xs" align="flex-start">
            <Text>{t("segments.isNow", { name: saved.name })}</Text>
            <Code block style={{ whiteSpace: "pre-wrap" }}>
              {saved.text}
            </Code>
            <Group gap="xs">
              <Button size="compact-sm" variant="default" onClick={props.reload}>
                {t("segments.showThat")}
              </Button>
              <Button
                size="compact-sm"
                color="red"
                disabled={!ready}
                loading={save.isPending}
                onClick={() => save.run(revisionOf(saved))}
              >
                {t("segments.overwrite")}
              </Button>
            </Group>
          </Stack>
        </Alert>
      )}
      <TextInput
        label={t("segments.name")}
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label={t("segments.description")}
        maxLength={500}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      {save.error && !late && <ErrorNotice error={save.error} />}
      <Group>
        <Button
          disabled={!ready || changed === true}
          loading={save.isPending}
          onClick={() => save.run(base)}
        >
          {t(saved ? "segments.saveChanges" : "segments.saveSegment")}
        </Button>
      </Group>
    </Card>
  );
}
