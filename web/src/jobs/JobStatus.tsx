import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { call } from "../api/calls";
import { useDeed } from "../api/deeds";
import type { Job } from "../api/types";
import { useBackend } from "../backend";
import { useMayAny } from "../session";
import { notifyError } from "../ui/notify";
import { t } from "../words";
import { actionOf, isOver } from "./actions";
import { amountOf, kindOf, stateOf } from "./labels";
import { useSecondsLeft } from "./progress";

/** The progress of a job, with what can be done to it. */
export function JobStatus({ job }: { job: Job }) {
  const backend = useBackend();
  const action = actionOf(job, useMayAny());
  const act = useDeed({
    work: (name: "cancel" | "retry") => call(backend, `${name}_job`, { jobId: job.jobId }),
    onError: notifyError,
  });
  const left = useSecondsLeft(job);
  const over = isOver(job);
  const percent = job.total ? Math.min(100, (100 * job.done) / job.total) : 0;
  const value = job.state === "done" ? 100 : percent;
  const colour = job.state === "failed" ? "red" : job.state === "done" ? "teal" : "blue";
  return (
    <Stack gap={4}>
      <Progress
        value={Math.max(value, over ? 4 : 8)}
        animated={!over}
        color={colour}
        aria-label={t("activity.progressOf", { kind: kindOf(job) })}
      />
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <Text size="sm" className="figures">
          {amountOf(job, left)}
          {(job.state !== "running" || !job.total) && `, ${stateOf(job)}`}
        </Text>
        {action && (
          <Button
            size="compact-sm"
            variant="default"
            flex="none"
            loading={act.isPending}
            onClick={() => act.run(action)}
          >
            {action === "cancel" ? t("shared.cancel") : t("shared.tryAgain")}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
