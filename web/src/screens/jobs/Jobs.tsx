import { Button, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { collection, limit, orderBy, query } from "firebase/firestore";
import { Link } from "react-router";
import { call } from "../../api/calls";
import { useDocuments } from "../../api/live";
import type { Job } from "../../api/types";
import { useBackend } from "../../backend";
import { number, time } from "../../format";
import { JobStatus } from "../../jobs/JobStatus";
import { kindOf, resultsOf } from "../../jobs/labels";
import { useMay } from "../../session";
import { notifyDone, notifyError } from "../../ui/notify";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";

const SHOWN = 50;

/** The latest jobs, followed live. */
export default function Jobs() {
  const backend = useBackend();
  const admin = useMay("admin");
  const jobs = useDocuments<Job>(
    () =>
      query(collection(backend.firestore, "crmJobs"), orderBy("startedAt", "desc"), limit(SHOWN)),
    "crmJobs",
    "jobId",
  );
  const rebuild = useMutation({
    mutationFn: (dryRun: boolean) => call(backend, "rebuild_customers", { dryRun }),
    onSuccess: () => notifyDone("The job has begun."),
    onError: notifyError,
  });
  return (
    <>
      <PageHead title="Jobs">
        {admin && (
          <>
            <Button
              variant="default"
              loading={rebuild.isPending}
              onClick={() => rebuild.mutate(true)}
            >
              Check all customers
            </Button>
            <Button
              variant="default"
              loading={rebuild.isPending}
              onClick={() => rebuild.mutate(false)}
            >
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
      <Stack>
        {jobs.data?.map((job) => (
          <JobRow key={job.jobId} job={job} />
        ))}
      </Stack>
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
              <Link to={`/customers/${row.customerId}`}>{row.customerId}</Link>:{" "}
              {row.fields.join(", ")}
            </Text>
          ))}
        </div>
        <JobStatus job={job} />
      </SimpleGrid>
    </Paper>
  );
}
