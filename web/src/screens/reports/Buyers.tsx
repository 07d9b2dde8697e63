import { Stack } from "@mantine/core";
import { Link } from "react-router";
import { useFigures } from "../../api/reports";
import type { FiguresRow } from "../../api/types";
import { number } from "../../format";
import { Bars } from "../../ui/Bars";
import { Card } from "../../ui/Card";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { newIn, peopleOf, stretchOf } from "../../ui/periods";
import { t } from "../../words";
import { inOrder } from "./asked";
import {
  Hint,
  NumberTable,
  PeriodForm,
  SaveTable,
  stretchMark,
  stretchName,
  useAsked,
} from "./Parts";

/** Who bought for the first time, and who came again. */
export function Buyers() {
  const form = useAsked();
  const { asked } = form;
  const figures = useFigures(inOrder(asked) ? asked : null);
  const rows = figures.data?.figures;
  const leads = (row: FiguresRow) => peopleOf(newIn(stretchOf(row.start, asked.by, asked.to)));
  const file = () => [
    [t("reports.begins"), t("reports.buyers.new"), t("reports.buyers.returning")],
    ...(rows ?? []).map((row) => [row.start, row.newCustomers, row.returningCustomers]),
  ];
  const leftOut = figures.data?.erasedOrdersLeftOut;
  return (
    <Stack>
      <PeriodForm {...form} />
      {figures.error && <ErrorNotice error={figures.error} retry={figures.refetch} />}
      {figures.isLoading && <LoadingRows />}
      {rows && (
        <Card title={t("reports.buyers.title")}>
          <Bars
            name={t("reports.buyers.title")}
            series={[t("reports.buyers.new"), t("reports.buyers.returning")]}
            says={number}
            bars={rows.map((row) => ({
              label: stretchName(row.start, asked.by),
              mark: stretchMark(row.start, asked.by),
              values: [row.newCustomers, row.returningCustomers],
              to: leads(row),
            }))}
          />
          <Hint>
            {t("reports.buyers.hint")}{" "}
            {!!leftOut && t("reports.buyers.leftOut", { count: leftOut })}
          </Hint>
          <SaveTable name={`new-and-returning-${asked.from}-${asked.to}`} rows={file} />
          <NumberTable
            name={t("reports.buyers.title")}
            head={[
              t(`reports.by.${asked.by}`),
              t("reports.buyers.new"),
              t("reports.buyers.returning"),
            ]}
            lines={rows.map((row) => ({
              key: row.start,
              name: (
                <Link className="link" to={leads(row)}>
                  {stretchName(row.start, asked.by)}
                </Link>
              ),
              cells: [
                { key: "new", shown: number(row.newCustomers) },
                { key: "returning", shown: number(row.returningCustomers) },
              ],
            }))}
          />
        </Card>
      )}
    </Stack>
  );
}
