import { Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { useDocuments } from "../../api/live";
import type { Job } from "../../api/types";
import { useNames } from "../../audit/names";
import { PersonName } from "../../audit/PersonName";
import { useWho } from "../../audit/who";
import { number, time } from "../../format";
import { JobStatus } from "../../jobs/JobStatus";
import { kindOf, resultsOf } from "../../jobs/labels";
import { useMay } from "../../session";
import { EmptyNotice, ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";

const SHOWN = 50;

/** The latest jobs, followed live. */
export function Jobs() {
  const jobs = useDocuments<Job>(
    { from: "crmJobs", orderBy: ["startedAt", "desc"], limit: SHOWN },
    "jobId",
  );
  if (jobs.error) return <ErrorNotice error={jobs.error} />;
  if (!jobs.data) return <LoadingRows />;
  if (!jobs.data.length) {
    return <EmptyNotice title={t("activity.none")}>{t("activity.noneHint")}</EmptyNotice>;
  }
  return (
    <>
      {jobs.data.length === SHOWN && <Text mb="md">{t("activity.latest", { count: SHOWN })}</Text>}
      <Stack>
        {jobs.data.map((job) => (
          <JobRow key={job.jobId} job={job} />
        ))}
      </Stack>
    </>
  );
}

function JobRow({ job }: { job: Job }) {
  const admin = useMay("admin");
  const who = useWho();
  const asked = { at: time(job.startedAt), last: time(job.updatedAt) };
  return (
    <Paper withBorder p="md" component="article" aria-label={kindOf(job)}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <div>
          <Text fw={600}>{kindOf(job)}</Text>
          <Text size="sm" c="dimmed">
            {admin && job.actor
              ? t("activity.askedBy", { ...asked, who: who(job.actor) })
              : t("activity.asked", asked)}
          </Text>
          {resultsOf(job).map((line) => (
            <Text size="sm" key={line}>
              {line}
            </Text>
          ))}
          {job.kind === "rebuild" && !!job.result.notUnderstood && (
            <Text size="sm">
              <Link to="/problems">{t("nav.problems")}</Link>
            </Text>
          )}
          {!!job.drift?.length && <Drift drift={job.drift} />}
        </div>
        <JobStatus job={job} />
      </SimpleGrid>
    </Paper>
  );
}

/** As many of those who are not as they should be as are named at first. */
const NAMED = 20;

/** Who is not as the orders say. */
function Drift({ drift }: { drift: NonNullable<Job["drift"]> }) {
  const shown = drift.slice(0, NAMED);
  const names = useNames(shown.map((row) => row.customerId));
  const more = drift.length - shown.length;
  return (
    <>
      {shown.map((row) => (
        <Text size="sm" key={row.customerId}>
          <PersonName customerId={row.customerId} names={names} />: {row.fields.join(", ")}
        </Text>
      ))}
      {more > 0 && (
        <Text size="sm" className="figures">
          {t("activity.trail.more", { count: more })} ({number(drift.length)})
        </Text>
      )}
    </>
  );
}
