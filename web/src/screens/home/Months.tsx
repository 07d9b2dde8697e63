import { NativeSelect, Text } from "@mantine/core";
import { useState } from "react";
import type { FiguresRow } from "../../api/types";
import { majorOf, minorOf, money, month, number, plural } from "../../format";
import { Bars } from "../../ui/Bars";
import { Card } from "../../ui/Card";
import { LoadingRows } from "../../ui/PageParts";
import { currenciesOf } from "./figures";

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
        <>
          <Bars
            name={`Revenue in ${currency}`}
            series={["revenue"]}
            says={(value) => money(minorOf(value, currency), currency)}
            bars={months.map((row) => ({
              label: month(row.start),
              values: [Math.max(0, majorOf(row.revenue[currency] ?? 0, currency))],
            }))}
          />
          <Text size="sm" c="dimmed">
            Counted orders less what was refunded, in the month of the order. What people bought who
            are erased by now is in it.
          </Text>
        </>
      )}
    </Card>
  );
}

/** Who bought in each month: for the first time, or again. */
export function BuyersByMonth({ months, leftOut }: Props & { leftOut: number | undefined }) {
  return (
    <Card title="Newcomers and returning buyers">
      {months ? (
        <>
          <Bars
            name="Newcomers and returning buyers"
            series={["Bought for the first time", "Bought again"]}
            says={number}
            bars={months.map((row) => ({
              label: month(row.start),
              values: [row.newCustomers, row.returningCustomers],
            }))}
          />
          <Text size="sm" c="dimmed">
            Customers who ordered in each month.{" "}
            {!!leftOut && `${plural(leftOut, "order")} of erased people are not in it.`}
          </Text>
        </>
      ) : (
        <LoadingRows count={4} />
      )}
    </Card>
  );
}
