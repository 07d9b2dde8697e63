import { NativeSelect, Text } from "@mantine/core";
import { useState } from "react";
import type { FiguresRow } from "../../api/types";
import { majorOf, minorOf, money, month, number } from "../../format";
import { Bars } from "../../ui/Bars";
import { Card } from "../../ui/Card";
import { currenciesOf } from "../../ui/figures";
import { LoadingRows } from "../../ui/PageParts";
import { newIn, orderedIn, peopleOf, stretchOf } from "../../ui/periods";
import { t } from "../../words";

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
      aria-label={t("home.currency")}
      size="xs"
      data={currencies}
      value={currency}
      onChange={(event) => setChosen(event.currentTarget.value)}
    />
  );
  return (
    <Card title={t("home.revenue")} action={choice}>
      {!months && <LoadingRows count={4} />}
      {months && !currency && <Text c="dimmed">{t("home.nothingPaid")}</Text>}
      {months && currency && (
        <>
          <Bars
            name={t("home.revenueIn", { currency })}
            series={[t("home.revenue")]}
            says={(value) => money(minorOf(value, currency), currency)}
            bars={months.map((row) => ({
              label: month(row.start),
              values: [Math.max(0, majorOf(row.revenue[currency] ?? 0, currency))],
              to: peopleOf(orderedIn(stretchOf(row.start, "month"))),
            }))}
          />
          <Text size="sm" c="dimmed">
            {t("home.revenueHint")}
          </Text>
        </>
      )}
    </Card>
  );
}

/** Who bought in each month: for the first time, or again. */
export function BuyersByMonth({ months, leftOut }: Props & { leftOut: number | undefined }) {
  return (
    <Card title={t("home.buyers")}>
      {months ? (
        <>
          <Bars
            name={t("home.buyers")}
            series={[t("home.newcomers"), t("home.returning")]}
            says={number}
            bars={months.map((row) => ({
              label: month(row.start),
              values: [row.newCustomers, row.returningCustomers],
              to: peopleOf(newIn(stretchOf(row.start, "month"))),
            }))}
          />
          <Text size="sm" c="dimmed">
            {t("home.buyersHint")} {!!leftOut && t("home.leftOut", { count: leftOut })}
          </Text>
        </>
      ) : (
        <LoadingRows count={4} />
      )}
    </Card>
  );
}
