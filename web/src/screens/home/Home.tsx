import { Grid, Group, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { lazy, type ReactNode, Suspense } from "react";
import { Link } from "react-router";
import { useMonthlyFigures } from "../../api/figures";
import { useLatestBuyers, useSetupChecks, useTotals } from "../../api/home";
import type { Customer } from "../../api/types";
import { dateOf, number, time } from "../../format";
import { Card } from "../../ui/Card";
import { CustomerLink, Spend } from "../../ui/CustomerCells";
import { daysAround, monthsUntil, revenueOf } from "../../ui/figures";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { Attention } from "./Attention";
import { BuyersByMonth, RevenueByMonth } from "./Months";
import { NearEvents } from "./NearEvents";
import { News } from "./News";

// It is there until the installation is ready, and brings dialogs with it.
const Checklist = lazy(() => import("./Checklist"));

/** The first page: what is new, what is next, what sells, and what needs somebody. It asks callables alone, so
 * that nothing has to be fetched to follow documents. */
export default function Home() {
  const latest = useLatestBuyers();
  // What takes longer is asked for when there is something to read.
  const ready = latest.isFetched;
  const totals = useTotals(ready);
  const setup = useSetupChecks(ready);
  const newest = latest.data?.[0]?.lastOrderAt;
  const none = latest.data?.length === 0;
  // An order that is dated in the future, by mistake or on purpose, does not move the year that is shown.
  const until = newest ? new Date(Math.min(dateOf(newest).getTime(), Date.now())) : null;
  const { from, to } = daysAround(until ?? new Date(0));
  const monthly = useMonthlyFigures(from, to, until !== null);
  const months = monthly.data && until ? monthsUntil(monthly.data, until) : undefined;
  const unfinished = none || setup.data?.some((one) => one.verdict === "fail");
  return (
    <>
      <PageHead title={t("home.title")} />
      {latest.error && <ErrorNotice error={latest.error} retry={latest.refetch} />}
      {totals.error && <ErrorNotice error={totals.error} retry={totals.refetch} />}
      <Stack>
        <Suspense>{unfinished && setup.data && <Checklist checks={setup.data} />}</Suspense>
        <Attention ready={ready} />
        <News ready={ready} />
        <SimpleGrid cols={{ base: 2, md: 4 }}>
          <Figure name="people" label={t("nav.people")} to="/people" value={totals.data?.people} />
          <Figure
            name="registered"
            label={t("home.registered")}
            to="/people?segment=registered"
            value={totals.data?.registered}
          />
          <Figure
            name="subscribed"
            label={t("shared.subscribed")}
            to="/people?segment=subscribed"
            value={totals.data?.subscribed}
          />
          <Tile label={t("home.yearRevenue")} wide>
            {months ? <Spend spend={revenueOf(months)} /> : "–"}
          </Tile>
        </SimpleGrid>
        <Grid>
          <Grid.Col span={{ base: 12, md: 7 }}>
            <Stack>
              {monthly.error && <ErrorNotice error={monthly.error} retry={monthly.refetch} />}
              {until && !monthly.error && (
                <>
                  <RevenueByMonth months={months} />
                  <BuyersByMonth months={months} leftOut={monthly.data?.erasedOrdersLeftOut} />
                </>
              )}
            </Stack>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 5 }}>
            <Stack>
              <NearEvents ready={ready} />
              <LatestBuyers customers={latest.data} failed={latest.isError} />
            </Stack>
          </Grid.Col>
        </Grid>
      </Stack>
    </>
  );
}

function Figure(props: { name: string; label: string; value: number | undefined; to: string }) {
  return (
    <Tile label={<Link to={props.to}>{props.label}</Link>}>
      <span data-testid={props.name}>{props.value === undefined ? "…" : number(props.value)}</span>
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

function LatestBuyers(props: { customers: Customer[] | undefined; failed: boolean }) {
  const { customers, failed } = props;
  return (
    <Card title={t("home.boughtLast")}>
      {!customers && !failed && <LoadingRows count={5} />}
      {customers?.length === 0 && (
        <EmptyNotice title={t("home.nobody")}>{t("home.nobodyHint")}</EmptyNotice>
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
