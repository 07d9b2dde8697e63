import { Alert, Grid, Group, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { useMonthlyFigures } from "../../api/figures";
import { useArrivals } from "../../api/queries";
import type { Customer } from "../../api/types";
import { useBackend } from "../../backend";
import { dateOf, number, plural, time } from "../../format";
import { Card } from "../../ui/Card";
import { CustomerLink, Spend } from "../../ui/CustomerCells";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { EventsCard } from "./EventsCard";
import { daysAround, monthsUntil, revenueOf, totals } from "./figures";
import { BuyersByMonth, RevenueByMonth } from "./Months";

const OFTEN = 60_000;

export default function Home() {
  const backend = useBackend();
  const latest = useArrivals(["overview"]);
  const figures = useQuery({
    queryKey: ["overview", "totals"],
    queryFn: () => totals(backend),
    refetchInterval: OFTEN,
  });
  // What takes longer is asked for when there is something to read.
  const ready = latest !== undefined && !figures.isPending;
  const newest = latest?.[0]?.lastOrderAt;
  // An order that is dated in the future, by mistake or on purpose, does not move the year that is shown.
  const until = newest ? new Date(Math.min(dateOf(newest).getTime(), Date.now())) : null;
  const { from, to } = daysAround(until ?? new Date(0));
  const monthly = useMonthlyFigures(from, to, ready && until !== null);
  const months = monthly.data && until && monthsUntil(monthly.data, until);
  return (
    <>
      <PageHead title="Home" />
      {figures.error && <ErrorNotice error={figures.error} retry={figures.refetch} />}
      <Stack>
        {ready && <Attention />}
        <SimpleGrid cols={{ base: 2, md: 4 }}>
          <Figure label="Customers" to="/people" value={figures.data?.customers} />
          <Figure
            label="Registered"
            to="/people?segment=registered"
            value={figures.data?.registered}
          />
          <Figure
            label="Subscribed"
            to="/people?segment=subscribed"
            value={figures.data?.subscribed}
          />
          <Tile label="Revenue of twelve months" wide>
            {months ? <Spend spend={revenueOf(months)} /> : "–"}
          </Tile>
        </SimpleGrid>
        <Grid>
          <Grid.Col span={{ base: 12, md: 7 }}>
            <Stack>
              {monthly.error && <ErrorNotice error={monthly.error} retry={monthly.refetch} />}
              {until && !monthly.error && (
                <>
                  <RevenueByMonth months={months || undefined} />
                  <BuyersByMonth
                    months={months || undefined}
                    leftOut={monthly.data?.erasedOrdersLeftOut}
                  />
                </>
              )}
            </Stack>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 5 }}>
            <Stack>
              <LatestBuyers customers={latest} />
              {ready && <EventsCard />}
            </Stack>
          </Grid.Col>
        </Grid>
      </Stack>
    </>
  );
}

function Figure(props: { label: string; value: number | undefined; to: string }) {
  return (
    <Tile label={<Link to={props.to}>{props.label}</Link>}>
      <span data-testid={props.label}>{props.value === undefined ? "…" : number(props.value)}</span>
    </Tile>
  );
}

function Tile(props: { label: ReactNode; wide?: boolean; children: ReactNode }) {
  return (
    <Paper withBorder p="md" className={props.wide ? "wide" : undefined}>
      <Text size="sm" component="div">
        {props.label}
      </Text>
      <Text size={props.wide ? "md" : "xl"} fw={700} component="div" className="figures">
        {props.children}
      </Text>
    </Paper>
  );
}

/** What somebody should look at: quarantined documents and failed work. */
function Attention() {
  const backend = useBackend();
  const waiting = useQuery({
    queryKey: ["overview", "attention"],
    refetchInterval: OFTEN,
    queryFn: async () => {
      const documents = await backend.documents();
      const [quarantine, failed, cancelled] = await Promise.all([
        documents.count({ from: "crmQuarantine" }),
        documents.count({ from: "crmJobs", where: [["state", "==", "failed"]] }),
        documents.count({ from: "crmJobs", where: [["error", "==", "cancelled"]] }), // by staff
      ]);
      return { quarantine, jobs: failed - cancelled };
    },
  });
  const { quarantine = 0, jobs = 0 } = waiting.data ?? {};
  if (!quarantine && !jobs) return null;
  return (
    <Alert color="yellow" title="Needs attention">
      <Group>
        {quarantine > 0 && (
          <Link to="/problems">{plural(quarantine, "document")} in quarantine</Link>
        )}
        {jobs > 0 && <Link to="/activity">{plural(jobs, "job")} failed</Link>}
      </Group>
    </Alert>
  );
}

function LatestBuyers({ customers }: { customers: Customer[] | undefined }) {
  return (
    <Card title="Bought last">
      {!customers && <LoadingRows count={5} />}
      {customers?.length === 0 && (
        <EmptyNotice title="No customers yet.">The first order makes the first one.</EmptyNotice>
      )}
      {customers?.map((one) => (
        <Group key={one.customerId} justify="space-between" wrap="nowrap" data-testid="latest">
          <CustomerLink customer={one} />
          <Text size="sm" ta="right" flex="none" maw="40%">
            {time(one.lastOrderAt)}
          </Text>
        </Group>
      ))}
    </Card>
  );
}
