import { Alert, Grid, Group, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { collection, getCountFromServer, query, where } from "firebase/firestore";
import { lazy, type ReactNode, Suspense } from "react";
import { Link } from "react-router";
import { useArrivals, useEvents, useRecent } from "../../api/queries";
import type { Customer } from "../../api/types";
import { useBackend } from "../../backend";
import { dateOf, number, plural, time } from "../../format";
import { Card } from "../../ui/Card";
import { CustomerLink, Spend } from "../../ui/CustomerCells";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { currenciesOf, months, spend, topEvents, totals } from "./figures";

const OFTEN = 60_000;
const Bars = lazy(() => import("./Bars"));

export default function Overview() {
  const backend = useBackend();
  const latest = useArrivals(["overview", "recent"]);
  const figures = useQuery({
    queryKey: ["overview", "totals"],
    queryFn: () => totals(backend),
    refetchInterval: OFTEN,
  });
  // What takes longer is asked for when there is something to read.
  const ready = latest !== undefined && !figures.isPending;
  return (
    <>
      <PageHead title="Overview" />
      {figures.error && <ErrorNotice error={figures.error} retry={figures.refetch} />}
      <Stack>
        {ready && <Attention />}
        <SimpleGrid cols={{ base: 2, md: 4 }}>
          <Figure label="Customers" to="/customers" value={figures.data?.customers} />
          <Figure
            label="Registered"
            to="/customers?segment=registered"
            value={figures.data?.registered}
          />
          <Figure
            label="Subscribed"
            to="/customers?segment=subscribed"
            value={figures.data?.subscribed}
          />
          <SpendFigure ready={ready} />
        </SimpleGrid>
        <Grid>
          <Grid.Col span={{ base: 12, md: 7 }}>
            <Stack>
              {ready && latest[0]?.lastOrderAt && (
                <BuyersByMonth latest={dateOf(latest[0].lastOrderAt)} />
              )}
              <TopEvents ready={ready} />
            </Stack>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 5 }}>
            <LatestBuyers customers={latest} />
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

function Tile(props: { label: ReactNode; children: ReactNode }) {
  return (
    <Paper withBorder p="md">
      <Text size="sm" component="div">
        {props.label}
      </Text>
      <Text size="xl" fw={700} component="div" className="figures">
        {props.children}
      </Text>
    </Paper>
  );
}

function SpendFigure({ ready }: { ready: boolean }) {
  const backend = useBackend();
  const currencies = currenciesOf(useRecent(ready).data ?? []);
  const sums = useQuery({
    queryKey: ["overview", "spend", currencies],
    queryFn: () => spend(backend, currencies),
    enabled: currencies.length > 0,
    placeholderData: keepPreviousData,
  });
  return <Tile label="Spend">{sums.data ? <Spend spend={sums.data} /> : "–"}</Tile>;
}

/** What somebody should look at: quarantined documents and failed work. */
function Attention() {
  const { firestore } = useBackend();
  const waiting = useQuery({
    queryKey: ["overview", "attention"],
    refetchInterval: OFTEN,
    queryFn: async () => {
      const jobs = collection(firestore, "crmJobs");
      const [quarantine, failed, cancelled] = await Promise.all([
        getCountFromServer(collection(firestore, "crmQuarantine")),
        getCountFromServer(query(jobs, where("state", "==", "failed"))),
        getCountFromServer(query(jobs, where("error", "==", "cancelled"))), // by staff
      ]);
      return {
        quarantine: quarantine.data().count,
        jobs: failed.data().count - cancelled.data().count,
      };
    },
  });
  const { quarantine = 0, jobs = 0 } = waiting.data ?? {};
  if (!quarantine && !jobs) return null;
  return (
    <Alert color="yellow" title="Needs attention">
      <Group>
        {quarantine > 0 && (
          <Link to="/quarantine">{plural(quarantine, "document")} in quarantine</Link>
        )}
        {jobs > 0 && <Link to="/jobs">{plural(jobs, "job")} failed</Link>}
      </Group>
    </Alert>
  );
}

function BuyersByMonth({ latest }: { latest: Date }) {
  const backend = useBackend();
  const until = latest.toISOString().slice(0, 7);
  const rows = useQuery({
    queryKey: ["overview", "months", until],
    queryFn: () => months(backend, new Date(`${until}-01`)),
    staleTime: OFTEN,
    placeholderData: keepPreviousData,
  });
  return (
    <Card title="Newcomers and returning buyers">
      {rows.error && <ErrorNotice error={rows.error} retry={rows.refetch} />}
      {rows.data ? (
        <Suspense fallback={<LoadingRows count={4} />}>
          <Bars
            h={240}
            data={rows.data}
            dataKey="month"
            type="stacked"
            withLegend
            valueFormatter={number}
            series={[
              { name: "newcomers", label: "First order", color: "blue.7" },
              { name: "returning", label: "Last order, not the first", color: "orange.6" },
            ]}
          />
          <Text size="sm" c="dimmed">
            Customers by month. Each is counted where the first order was; who came back also where
            the latest one was.
          </Text>
        </Suspense>
      ) : (
        !rows.error && <LoadingRows count={4} />
      )}
    </Card>
  );
}

function TopEvents({ ready }: { ready: boolean }) {
  const backend = useBackend();
  const events = useEvents(ready);
  const top = useQuery({
    queryKey: ["overview", "events", events.data],
    queryFn: () => topEvents(backend, events.data ?? []),
    enabled: !!events.data,
    placeholderData: keepPreviousData,
  });
  return (
    <Card title="Top events by attendance">
      {top.error && <ErrorNotice error={top.error} />}
      {top.data?.length === 0 && <Text c="dimmed">Nobody has been at an event yet.</Text>}
      {!!top.data?.length && (
        <Suspense fallback={<LoadingRows count={4} />}>
          <Bars
            h={Math.max(120, 34 * top.data.length + 40)}
            data={top.data}
            dataKey="name"
            orientation="vertical"
            yAxisProps={{ width: 150 }}
            valueFormatter={number}
            series={[{ name: "attended", label: "Customers who attended", color: "blue.7" }]}
          />
          <Text size="sm" c="dimmed">
            Of the fifteen events that most of the hundred customers who bought last were at.
          </Text>
        </Suspense>
      )}
    </Card>
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
          <Text size="sm" ta="right">
            {time(one.lastOrderAt)}
          </Text>
        </Group>
      ))}
    </Card>
  );
}
