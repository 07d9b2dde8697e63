import { Button, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { useDocuments } from "../../api/live";
import type { Job } from "../../api/types";
import { useBackend } from "../../backend";
import { number, time } from "../../format";
import { JobStatus } from "../../jobs/JobStatus";
import { kindOf, resultsOf } from "../../jobs/labels";
import { useMay } from "../../session";
import { Confirm } from "../../ui/Confirm";
import { notifyDone } from "../../ui/notify";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";

const SHOWN = 50;

/** What an admin can have done to everybody, and what is asked first. */
const WORK = {
  check: {
    title: "Check all customers?",
    action: "Check",
    words:
      "Every customer, order and user is read and compared. Nothing is changed. It costs about as many reads as there are of them.",
  },
  rebuild: {
    title: "Rebuild all customers?",
    action: "Rebuild",
    words:
      "Every order and user is read, and whatever is not as it should be is written again. It costs about as many reads as there are of them, and can be cancelled.",
  },
} as const;

/** The latest jobs, followed live. */
export default function Activity() {
  const backend = useBackend();
  const admin = useMay("admin");
  const jobs = useDocuments<Job>(
    { from: "crmJobs", orderBy: ["startedAt", "desc"], limit: SHOWN },
    "jobId",
  );
  const [asked, setAsked] = useState<keyof typeof WORK | null>(null);
  const rebuild = useDeed({
    work: (dryRun: boolean) => call(backend, "rebuild_customers", { dryRun }),
    onSuccess: () => {
      notifyDone("The job has begun.");
      setAsked(null);
    },
  });
  const { title, action, words } = WORK[asked ?? "check"];
  return (
    <>
      <PageHead title="Activity">
        {admin && (
          <>
            <Button variant="default" onClick={() => setAsked("check")}>
              Check all customers
            </Button>
            <Button variant="default" onClick={() => setAsked("rebuild")}>
              Rebuild all customers
            </Button>
          </>
        )}
      </PageHead>
      {jobs.error && <ErrorNotice error={jobs.error} />}
      {!jobs.data && !jobs.error && <LoadingRows />}
      {jobs.data?.length === 0 && (
        <EmptyNotice title="No long work yet.">
          What is too large to do at once, such as tagging thousands, shows its progress here.
        </EmptyNotice>
      )}
      {jobs.data?.length === SHOWN && <Text mb="md">The latest {number(SHOWN)} are shown.</Text>}
      <Stack>
        {jobs.data?.map((job) => (
          <JobRow key={job.jobId} job={job} />
        ))}
      </Stack>
      <Confirm
        opened={asked !== null}
        title={title}
        action={action}
        pending={rebuild.isPending}
        error={rebuild.error}
        close={() => {
          rebuild.reset();
          setAsked(null);
        }}
        confirm={() => rebuild.run(asked !== "rebuild")}
      >
        <Text>{words}</Text>
      </Confirm>
    </>
  );
}

function JobRow({ job }: { job: Job }) {
  return (
    <Paper withBorder p="md" component="article" aria-label={kindOf(job)}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <div>
          <Text fw={600}>{kindOf(job)}</Text>
          <Text size="sm" c="dimmed">
            Asked for {time(job.startedAt)}, last progress {time(job.updatedAt)}
          </Text>
          {resultsOf(job).map(({ words, count }) => (
            <Text size="sm" key={words}>
              {number(count)} {words}
            </Text>
          ))}
          {job.drift?.map((row) => (
            <Text size="sm" key={row.customerId}>
              <Link to={`/people/${row.customerId}`}>{row.customerId}</Link>:{" "}
              {row.fields.join(", ")}
            </Text>
          ))}
        </div>
        <JobStatus job={job} />
      </SimpleGrid>
    </Paper>
  );
}
