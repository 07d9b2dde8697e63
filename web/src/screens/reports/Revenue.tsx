import { NativeSelect, SegmentedControl, Stack, Text } from "@mantine/core";
import { Link, useSearchParams } from "react-router";
import { useFigures } from "../../api/reports";
import type { FiguresRow } from "../../api/types";
import { majorOf, minorOf, money, number } from "../../format";
import { Bars } from "../../ui/Bars";
import { Card } from "../../ui/Card";
import { currenciesOf } from "../../ui/figures";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { orderedIn, peopleOf, stretchOf } from "../../ui/periods";
import { t } from "../../words";
import { inOrder } from "./asked";
import { plainAmount } from "./csv";
import {
  Hint,
  NumberTable,
  PeriodForm,
  SaveTable,
  stretchMark,
  stretchName,
  useAsked,
} from "./Parts";
import { RevenueByEvent } from "./RevenueByEvent";

const SPLITS = ["time", "event"] as const;

/** What was sold, over time or by event. */
export function Revenue() {
  const [params, setParams] = useSearchParams();
  const split = SPLITS.find((one) => one === params.get("split")) ?? "time";
  const choose = (next: string) =>
    setParams(next === "time" ? {} : { tab: "revenue", split: next }, { replace: true });
  return (
    <Stack>
      <SegmentedControl
        aria-label={t("reports.revenue.split")}
        data={SPLITS.map((value) => ({ value, label: t(`reports.revenue.splits.${value}`) }))}
        value={split}
        onChange={choose}
        style={{ alignSelf: "flex-start" }}
      />
      {split === "event" ? <RevenueByEvent /> : <RevenueOverTime />}
    </Stack>
  );
}

function RevenueOverTime() {
  const form = useAsked();
  const { asked } = form;
  const figures = useFigures(inOrder(asked) ? asked : null);
  return (
    <>
      <PeriodForm {...form} />
      {figures.error && <ErrorNotice error={figures.error} retry={figures.refetch} />}
      {figures.isLoading && <LoadingRows />}
      {figures.data && <Figures rows={figures.data.figures} />}
    </>
  );
}

function Figures({ rows }: { rows: FiguresRow[] }) {
  const [params, setParams] = useSearchParams();
  const { asked } = useAsked();
  const currencies = currenciesOf(rows);
  const wanted = params.get("currency");
  const currency = currencies.find((one) => one === wanted) ?? currencies[0];
  const choose = (code: string) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        next.set("currency", code);
        return next;
      },
      { replace: true },
    );
  const paid = (row: FiguresRow, code: string) => row.revenue[code] ?? 0;
  const sum = (code: string) => rows.reduce((all, row) => all + paid(row, code), 0);
  const leads = (row: FiguresRow) => peopleOf(orderedIn(stretchOf(row.start, asked.by, asked.to)));
  const file = () => [
    [t("reports.begins"), t("reports.orders"), ...currencies],
    ...rows.map((row) => [
      row.start,
      row.orders,
      ...currencies.map((code) => plainAmount(paid(row, code), code)),
    ]),
  ];
  if (!currency) return <Text>{t("reports.revenue.none")}</Text>;
  return (
    <Card
      title={t("reports.revenue.title")}
      action={
        <NativeSelect
          aria-label={t("reports.currency")}
          size="xs"
          data={currencies}
          value={currency}
          onChange={(event) => choose(event.currentTarget.value)}
        />
      }
    >
      <Text fw={700} className="figures">
        {t("reports.revenue.sum", {
          sum: money(sum(currency), currency),
          count: rows.reduce((all, row) => all + row.orders, 0),
        })}
      </Text>
      <Bars
        name={t("reports.revenue.in", { currency })}
        series={[t("reports.revenue.title")]}
        says={(value) => money(minorOf(value, currency), currency)}
        bars={rows.map((row) => ({
          label: stretchName(row.start, asked.by),
          mark: stretchMark(row.start, asked.by),
          values: [Math.max(0, majorOf(paid(row, currency), currency))],
          to: leads(row),
        }))}
      />
      <Hint>{t("reports.revenue.hint")}</Hint>
      <SaveTable name={`revenue-${asked.from}-${asked.to}`} rows={file} />
      <NumberTable
        name={t("reports.revenue.title")}
        head={[t(`reports.by.${asked.by}`), t("reports.orders"), currency]}
        lines={rows.map((row) => ({
          key: row.start,
          name: (
            <Link className="link" to={leads(row)}>
              {stretchName(row.start, asked.by)}
            </Link>
          ),
          cells: [
            { key: "orders", shown: number(row.orders) },
            { key: "revenue", shown: money(paid(row, currency), currency) },
          ],
        }))}
      />
    </Card>
  );
}
