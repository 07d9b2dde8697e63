import { NativeSelect, Text } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import type { FiguresRow } from "../../api/types";
import { majorOf, minorOf, money, month, number, plural, short } from "../../format";
import { Card } from "../../ui/Card";
import { LoadingRows } from "../../ui/PageParts";
import { currenciesOf } from "./figures";

const Bars = lazy(() => import("./Bars"));

interface Props {
  /** Twelve months, once they are known. */
  months: FiguresRow[] | undefined;
}

/** What was paid in each month, one currency at a time. */
export function RevenueByMonth({ months }: Props) {
  const [chosen, setChosen] = useState<string | null>(null);
  const currencies = currenciesOf(months ?? []);
  const currency = chosen && currencies.includes(chosen) ? chosen : currencies[0];
  const choice = currencies.length > 1 && (
    <NativeSelect
      aria-label="Currency"
      size="xs"
      data={currencies}
      value={currency}
      onChange={(event) => setChosen(event.currentTarget.value)}
    />
  );
  return (
    <Card title="Revenue" action={choice}>
      {!months && <LoadingRows count={4} />}
      {months && !currency && <Text c="dimmed">Nobody paid anything in these months.</Text>}
      {months && currency && (
        <Suspense fallback={<LoadingRows count={4} />}>
          <Bars
            h={240}
            data={months.map((row) => ({
              month: month(row.start),
              revenue: majorOf(row.revenue[currency] ?? 0, currency),
            }))}
            dataKey="month"
            yAxisProps={{ width: 60, tickFormatter: short }}
            valueFormatter={(value) => money(minorOf(value, currency), currency)}
            series={[{ name: "revenue", label: `Revenue in ${currency}`, color: "blue.7" }]}
          />
          <Text size="sm" c="dimmed">
            Counted orders less what was refunded, in the month of the order. What people bought who
            are erased by now is in it.
          </Text>
        </Suspense>
      )}
    </Card>
  );
}

/** Who bought in each month: for the first time, or again. */
export function BuyersByMonth({ months, leftOut }: Props & { leftOut: number | undefined }) {
  return (
    <Card title="Newcomers and returning buyers">
      {months ? (
        <Suspense fallback={<LoadingRows count={4} />}>
          <Bars
            h={240}
            data={months.map((row) => ({
              month: month(row.start),
              newcomers: row.newCustomers,
              returning: row.returningCustomers,
            }))}
            dataKey="month"
            type="stacked"
            withLegend
            yAxisProps={{ allowDecimals: false, tickFormatter: short }}
            valueFormatter={number}
            series={[
              { name: "newcomers", label: "Bought for the first time", color: "blue.7" },
              { name: "returning", label: "Bought again", color: "orange.6" },
            ]}
          />
          <Text size="sm" c="dimmed">
            Customers who ordered in each month.{" "}
            {!!leftOut && `${plural(leftOut, "order")} of erased people are not in it.`}
          </Text>
        </Suspense>
      ) : (
        <LoadingRows count={4} />
      )}
    </Card>
  );
}
