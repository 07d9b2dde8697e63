import { Paper, Stack, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { useJob, useTagLabels, useTags } from "../../api/queries";
import type { Tag, TagChange } from "../../api/types";
import { JobStatus } from "../../jobs/JobStatus";
import { kindOf } from "../../jobs/labels";
import { notifyDone } from "../../ui/notify";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { DeleteDialog, RenameDialog } from "./dialogs";
import { matching } from "./matching";
import { TagTable } from "./TagTable";

type Asking = { rename: Tag } | { leave: Tag } | null;

/** The tags with how many people have each; editors rename and delete them. What is searched for, and which work is
 * under way, is in the address. */
export default function Tags() {
  const queries = useQueryClient();
  const tags = useTags();
  const labels = useTagLabels();
  const [asked, ask] = useSearchParams();
  const [asking, setAsking] = useState<Asking>(null);
  const [text, setText] = useState(asked.get("q") ?? "");
  const job = useJob(asked.get("job")).data;
  const set = (name: string, value: string) =>
    ask(
      (before) => {
        const next = new URLSearchParams(before);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  const refresh = () => queries.invalidateQueries({ queryKey: ["tags"] });
  const changed = (answer: TagChange) => {
    setAsking(null);
    if (answer.jobId) set("job", answer.jobId);
    else notifyDone(t("tags.changed", { count: answer.updated ?? 0 }));
    refresh();
  };
  // The counts are asked for again when the catalogue or the job changes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it waits for
  useEffect(() => {
    refresh();
  }, [labels, job?.state]);
  const shown = matching(tags.data ?? [], text);
  return (
    <>
      <PageHead title={t("tags.title")} />
      {job && (
        <Paper withBorder p="sm" mb="md" role="status" aria-label={t("tags.work")}>
          <Text fw={600}>{kindOf(job)}</Text>
          <JobStatus job={job} />
        </Paper>
      )}
      {tags.error && <ErrorNotice error={tags.error} retry={tags.refetch} />}
      {tags.isPending && <LoadingRows />}
      {tags.data?.length === 0 && (
        <EmptyNotice title={t("tags.none")}>{t("tags.noneHint")}</EmptyNotice>
      )}
      {!!tags.data?.length && (
        <Stack>
          <TextInput
            type="search"
            label={t("tags.search")}
            leftSection={<IconSearch size={16} aria-hidden />}
            maw={420}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              set("q", event.currentTarget.value);
            }}
          />
          {shown.length ? (
            <TagTable
              tags={shown}
              rename={(tag) => setAsking({ rename: tag })}
              remove={(tag) => setAsking({ leave: tag })}
            />
          ) : (
            <Text c="dimmed" role="status">
              {t("tags.noneSuch")}
            </Text>
          )}
        </Stack>
      )}
      {asking && "rename" in asking && (
        <RenameDialog
          tag={asking.rename}
          tags={tags.data ?? []}
          done={changed}
          close={() => setAsking(null)}
        />
      )}
      {asking && "leave" in asking && (
        <DeleteDialog tag={asking.leave} done={changed} close={() => setAsking(null)} />
      )}
    </>
  );
}
