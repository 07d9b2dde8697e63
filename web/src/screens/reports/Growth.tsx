import { Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { useGrowth } from "../../api/reports";
import { number } from "../../format";
import { Bars } from "../../ui/Bars";
import { Card } from "../../ui/Card";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { peopleOf } from "../../ui/periods";
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

/** How the newsletter's list grows: decisions, and how many are subscribed now. */
export function Growth() {
  const form = useAsked();
  const { asked } = form;
  const growth = useGrowth(inOrder(asked) ? asked : null);
  const rows = growth.data?.growth;
  const file = () => [
    [t("reports.begins"), t("shared.subscribed"), t("shared.unsubscribed")],
    ...(rows ?? []).map((row) => [row.start, row.subscribed, row.unsubscribed]),
  ];
  return (
    <Stack>
      <PeriodForm {...form} />
      {growth.error && <ErrorNotice error={growth.error} retry={growth.refetch} />}
      {growth.isLoading && <LoadingRows />}
      {growth.data && rows && (
        <Card title={t("reports.growth.title")}>
          <Text>
            <Link className="link" to={peopleOf("subscribed")}>
              {t("reports.growth.now", { count: growth.data.subscribers })}
            </Link>
          </Text>
          <Hint>{t("reports.growth.hint")}</Hint>
          {growth.data.truncated && <Hint>{t("reports.growth.truncated")}</Hint>}
          <Bars
            name={t("reports.growth.title")}
            series={[t("shared.subscribed"), t("shared.unsubscribed")]}
            says={number}
            bars={rows.map((row) => ({
              label: stretchName(row.start, asked.by),
              mark: stretchMark(row.start, asked.by),
              values: [row.subscribed, row.unsubscribed],
            }))}
          />
          <SaveTable name={`list-growth-${asked.from}-${asked.to}`} rows={file} />
          <NumberTable
            name={t("reports.growth.title")}
            head={[t(`reports.by.${asked.by}`), t("shared.subscribed"), t("shared.unsubscribed")]}
            lines={rows.map((row) => ({
              key: row.start,
              name: stretchName(row.start, asked.by),
              cells: [
                { key: "subscribed", shown: number(row.subscribed) },
                { key: "unsubscribed", shown: number(row.unsubscribed) },
              ],
            }))}
          />
        </Card>
      )}
    </Stack>
  );
}
