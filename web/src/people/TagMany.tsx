import { Alert, Button, Group, Paper, Stack, TagsInput, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call } from "../api/calls";
import { useDeed } from "../api/deeds";
import { tagId, useJob, useTagLabels } from "../api/queries";
import type { Customer, SegmentNode, TagChange } from "../api/types";
import { useBackend } from "../backend";
import type { Backend } from "../firebase";
import { isOver } from "../jobs/actions";
import { JobStatus } from "../jobs/JobStatus";
import { Confirm } from "../ui/Confirm";
import { notifyError, notifyUndo, notifyVain, notifyWarnings } from "../ui/notify";
import { ErrorNotice } from "../ui/PageParts";
import { t } from "../words";

/** The customers to tag: those selected, or all of a segment. */
export type Chosen = { customers: Customer[] } | { segment: string | SegmentNode; count: number };

type Undo = ((signal: AbortSignal) => Promise<unknown>) | null;

/** What work needs that has several steps. */
interface Doing {
  backend: Backend;
  signal: AbortSignal;
}

interface Done {
  change: TagChange;
  undo: Undo;
}

const AT_ONCE = 500;

/** Tag customers by their ids, as many at a time as a call takes. */
async function tagByIds(
  { backend, signal }: Doing,
  ids: string[],
  add: string[],
  remove: string[],
): Promise<{ updated: number; full: number }> {
  const sum = { updated: 0, full: 0 };
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    signal.throwIfAborted();
    const customerIds = ids.slice(from, from + AT_ONCE);
    const change = await call(backend, "tag_customers", { customerIds, add, remove });
    sum.updated += change.updated ?? 0;
    sum.full += change.full ?? 0;
  }
  return sum;
}

async function tagSelected(
  doing: Doing,
  customers: Customer[],
  add: string[],
  remove: string[],
): Promise<Done> {
  const ids = customers.map((one) => one.customerId);
  const change = await tagByIds(doing, ids, add, remove);
  const having = (tag: string, has: boolean) =>
    customers.filter((one) => one.tags.includes(tag) === has).map((one) => one.customerId);
  const undo = async (signal: AbortSignal) => {
    const back = { ...doing, signal };
    for (const tag of add.map(tagId)) await tagByIds(back, having(tag, false), [], [tag]);
    for (const tag of remove.map(tagId)) await tagByIds(back, having(tag, true), [tag], []);
  };
  return { change, undo };
}

/** Tag a whole segment. It can be undone where nobody had the tags before: all who have them got
 * them just now. */
async function tagSegment(
  { backend, signal }: Doing,
  segment: string | SegmentNode,
  add: string[],
  remove: string[],
): Promise<Done> {
  const tags = add.map(tagId);
  const any = { any: tags.map((tag) => ({ tag })) };
  const count = async () => (await call(backend, "count_segment", { segment: any })).count;
  const fresh = !remove.length && tags.length > 0 && (await count()) === 0;
  signal.throwIfAborted();
  const change = await call(backend, "tag_customers", { segment, add, remove });
  const undo = () => call(backend, "tag_customers", { segment: any, remove: tags });
  return { change, undo: fresh ? undo : null };
}

/** The dialog that tags the chosen customers, then the job that does it, with undo. */
export function TagMany(props: { chosen: Chosen | null; close: () => void }) {
  const backend = useBackend();
  const queries = useQueryClient();
  const labels = useTagLabels();
  const [add, setAdd] = useState<string[]>([]);
  const [remove, setRemove] = useState<string[]>([]);
  const [job, setJob] = useState<{ jobId: string; undo: Undo } | null>(null);
  const refresh = () => {
    for (const key of ["customers", "count", "tags"])
      queries.invalidateQueries({ queryKey: [key] });
  };
  const undoing = useDeed({
    work: (undo: NonNullable<Undo>, signal) => undo(signal),
    onError: notifyError,
    onSuccess: (answer) => {
      const jobId = (answer as TagChange | undefined)?.jobId;
      setJob(jobId ? { jobId, undo: null } : null);
    },
    onSettled: refresh,
  });
  const tagging = useDeed({
    work: (chosen: Chosen, signal) =>
      "segment" in chosen
        ? tagSegment({ backend, signal }, chosen.segment, add, remove)
        : tagSelected({ backend, signal }, chosen.customers, add, remove),
    onSuccess: ({ change, undo }) => {
      props.close();
      setAdd([]);
      setRemove([]);
      notifyWarnings(change.warnings);
      if (change.jobId) setJob({ jobId: change.jobId, undo });
      else {
        const text = t("tagging.changed", { count: change.updated ?? 0 });
        if (change.full) notifyVain(t("tagging.full", { count: change.full }));
        notifyUndo(text, undo ? () => undoing.run(undo) : null);
      }
    },
    onSettled: refresh,
  });
  const { chosen } = props;
  const size = !chosen ? 0 : "segment" in chosen ? chosen.count : chosen.customers.length;
  return (
    <>
      <Confirm
        opened={!!chosen}
        title={t("tagging.title", { count: size })}
        action={t("tagging.apply")}
        pending={tagging.isPending}
        error={tagging.error}
        disabled={!add.length && !remove.length}
        close={() => {
          tagging.reset();
          setAdd([]);
          setRemove([]);
          props.close();
        }}
        confirm={() => chosen && tagging.run(chosen)}
      >
        <TagsInput
          label={t("tagging.addTags")}
          data={[...labels.values()]}
          value={add}
          onChange={setAdd}
          acceptValueOnBlur
          openOnFocus={false}
          limit={6}
          data-autofocus
        />
        <TagsInput
          label={t("tagging.removeTags")}
          data={[...labels.values()]}
          value={remove}
          onChange={setRemove}
          acceptValueOnBlur
          openOnFocus={false}
          limit={6}
        />
      </Confirm>
      {job && (
        <TaggingJob
          jobId={job.jobId}
          undo={job.undo && (() => job.undo && undoing.run(job.undo))}
          undoing={undoing.isPending}
          close={() => setJob(null)}
          done={refresh}
        />
      )}
    </>
  );
}

/** The progress of a job that tags, and undoing it at the end. */
function TaggingJob(props: {
  jobId: string;
  undo: (() => void) | null;
  undoing: boolean;
  close: () => void;
  done: () => void;
}) {
  const { data: job, error } = useJob(props.jobId);
  const over = !!job && isOver(job);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the job is over
  useEffect(() => {
    if (over) props.done();
  }, [over]);
  if (error) return <ErrorNotice error={error} />;
  if (!job) return null;
  return (
    <Paper withBorder p="sm" role="status" aria-label={t("tagging.work")}>
      <Stack gap="xs">
        <JobStatus job={job} />
        {job.state === "failed" && <Alert color="red">{t("tagging.stopped")}</Alert>}
        {over && (
          <Group>
            <Text size="sm">
              {t("tagging.changed", { count: job.result.updated ?? 0 })}
              {!!job.result.full && ` ${t("tagging.full", { count: job.result.full })}`}
            </Text>
            {props.undo && (
              <Button
                size="compact-sm"
                variant="default"
                loading={props.undoing}
                onClick={props.undo}
              >
                {t("shared.undo")}
              </Button>
            )}
            <Button size="compact-sm" variant="default" onClick={props.close}>
              {t("shared.close")}
            </Button>
          </Group>
        )}
      </Stack>
    </Paper>
  );
}
