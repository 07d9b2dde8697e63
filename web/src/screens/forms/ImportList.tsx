import { Badge, Button, Collapse, Group, Paper, Progress, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useDeed } from "../../api/deeds";
import { ask, type Import, UNDER_WAY, useImports } from "../../api/imports";
import { useJob } from "../../api/queries";
import { useBackend } from "../../backend";
import { number, time } from "../../format";
import { Card } from "../../ui/Card";
import { Confirm } from "../../ui/Confirm";
import { notifyDone, notifyError } from "../../ui/notify";
import { EmptyNotice, ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t, wordsFor } from "../../words";
import { Report } from "./Report";

/** What was taken in, the newest first; for thirty days it can be taken back. */
export function ImportList() {
  const backend = useBackend();
  const queries = useQueryClient();
  const list = useImports();
  const [leaving, setLeaving] = useState<Import | null>(null);
  const imports = list.data?.pages.flatMap((page) => page.imports) ?? [];
  const refresh = () => queries.invalidateQueries({ queryKey: ["imports"] });
  const undo = useDeed({
    work: (importId: string) => ask(backend, "undo_import", { importId }),
    onSuccess: () => {
      setLeaving(null);
      notifyDone(t("forms.undo.begun"));
    },
    onSettled: refresh,
  });
  return (
    <Card title={t("forms.imports.title")}>
      {list.error && <ErrorNotice error={list.error} retry={list.refetch} />}
      {list.isPending && <LoadingRows count={3} />}
      {list.data && !imports.length && <EmptyNotice title={t("forms.imports.none")} />}
      <Stack
        component="ul"
        className="plain"
        gap="sm"
        p={0}
        m={0}
        aria-label={t("forms.imports.title")}
      >
        {imports.map((one) => (
          <li key={one.importId}>
            <Row one={one} undo={() => setLeaving(one)} refresh={refresh} />
          </li>
        ))}
      </Stack>
      {list.hasNextPage && (
        <Group justify="center">
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => list.fetchNextPage()}
          >
            {t("forms.imports.more")}
          </Button>
        </Group>
      )}
      {leaving && (
        <Confirm
          title={t("forms.undo.title", { source: leaving.source })}
          action={t("forms.undo.action")}
          danger
          pending={undo.isPending}
          error={undo.error}
          close={() => {
            undo.reset();
            setLeaving(null);
          }}
          confirm={() => undo.run(leaving.importId)}
        >
          <Text>{t("forms.undo.goes")}</Text>
          <Text>{t("forms.undo.stays")}</Text>
        </Confirm>
      )}
    </Card>
  );
}

function Row({ one, undo, refresh }: { one: Import; undo: () => void; refresh: () => unknown }) {
  const [opened, setOpened] = useState(false);
  const { report, state } = one;
  const jobId = state === "undoing" ? one.undoJobId : one.jobId;
  return (
    <Paper withBorder p="sm">
      <Stack gap="xs">
        <Group justify="space-between" align="flex-start">
          <div style={{ minWidth: 0 }}>
            <Text fw={600}>{one.source}</Text>
            <Text size="sm" c="dimmed">
              {time(one.at)}
            </Text>
          </div>
          <Badge variant="default" tt="none" miw="max-content">
            {t(`forms.state.${state}`)}
          </Badge>
        </Group>
        {one.evidence && (
          <Text size="sm">{t("forms.imports.evidence", { evidence: one.evidence })}</Text>
        )}
        <Text size="sm" className="figures">
          {t("forms.imports.counts", {
            rows: number(report.rows),
            added: number(report.added),
            changed: number(report.changed),
            errors: number(report.errorCount),
          })}
        </Text>
        {state === "undone" && (
          <Text size="sm" className="figures">
            {t("forms.imports.undone", {
              time: time(one.undoneAt),
              removed: number(one.undone.removed ?? 0),
              restored: number(one.undone.restored ?? 0),
              kept: number(one.undone.kept ?? 0),
            })}
          </Text>
        )}
        {state === "failed" && (
          <Text size="sm">
            {wordsFor(`forms.failed.${one.error}`) ??
              t("forms.failed.other", { error: one.error ?? "–" })}
          </Text>
        )}
        {jobId && [...UNDER_WAY, "failed"].includes(state) && (
          <Work jobId={jobId} undoing={state === "undoing"} refresh={refresh} />
        )}
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            aria-expanded={opened}
            onClick={() => setOpened(!opened)}
          >
            {t(opened ? "forms.imports.hide" : "forms.imports.show")}
          </Button>
          {one.undoable && (
            <Button size="compact-sm" variant="default" onClick={undo}>
              {t("forms.undo.open")}
            </Button>
          )}
        </Group>
        <Collapse expanded={opened}>{opened && <Report report={report} />}</Collapse>
      </Stack>
    </Paper>
  );
}

/** How far workers are, and stopping them, or having them go on. */
function Work(props: { jobId: string; undoing: boolean; refresh: () => unknown }) {
  const backend = useBackend();
  const { data: job } = useJob(props.jobId);
  const state = job?.state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever the work is at another point
  useEffect(() => {
    if (state) props.refresh();
  }, [state]);
  const act = useDeed({
    work: (name: "cancel_job" | "retry_job") => ask(backend, name, { jobId: props.jobId }),
    onError: notifyError,
    onSettled: props.refresh,
  });
  if (!job) return null;
  const failed = state === "failed";
  const part = job.total ? Math.min(100, (100 * job.done) / job.total) : 0;
  return (
    <Stack gap={4}>
      <Progress
        value={Math.max(state === "done" ? 100 : part, 4)}
        color={failed ? "red" : "blue"}
        aria-label={t(props.undoing ? "forms.work.undo" : "forms.work.import")}
      />
      <Group justify="space-between">
        <Text size="sm" className="figures" role="status">
          {job.total === null
            ? t("forms.work.done", { count: job.done })
            : t("forms.work.of", { done: number(job.done), total: number(job.total) })}
        </Text>
        {state !== "done" && (
          <Button
            size="compact-sm"
            variant="default"
            loading={act.isPending}
            onClick={() => act.run(failed ? "retry_job" : "cancel_job")}
          >
            {t(failed ? "shared.tryAgain" : "forms.work.stop")}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
