import { Alert, Group, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { type Cohorts as Answer, useCohorts } from "../../api/reports";
import { month as monthName, number, percent } from "../../format";
import { Card } from "../../ui/Card";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { newIn, peopleOf } from "../../ui/periods";
import { t } from "../../words";
import { inOrder } from "./asked";
import { cohortRows, daysOf, isEmpty, monthsIn, shadeOf } from "./cohorts";
import { DayField, Hint, NumberTable, SaveTable, useAsked } from "./Parts";

/** Whether those who came for the first time in a month came again. */
export function Cohorts() {
  const { asked, set } = useAsked();
  const { from, to } = asked;
  const cohorts = useCohorts(inOrder(asked) ? { from, to } : null);
  return (
    <Stack>
      <Group align="end">
        <DayField label={t("reports.from")} value={from} set={(next) => set({ from: next })} />
        <DayField
          label={t("reports.to")}
          value={to}
          set={(next) => set({ to: next })}
          error={!inOrder(asked) && t("reports.wrongDays")}
        />
      </Group>
      {cohorts.error && <ErrorNotice error={cohorts.error} retry={cohorts.refetch} />}
      {cohorts.isLoading && <LoadingRows />}
      {cohorts.data && <CohortTable {...cohorts.data} />}
    </Stack>
  );
}

function CohortTable({ cohorts, erasedOrdersLeftOut }: Answer) {
  const columns = Array.from({ length: monthsIn(cohorts) }, (_, after) => after);
  const head: [string, string] = [t("reports.cohorts.month"), t("reports.cohorts.people")];
  return (
    <Card
      title={t("reports.cohorts.title")}
      action={<SaveTable name="cohorts" rows={() => cohortRows(cohorts, head)} />}
    >
      <Hint>
        {t("reports.cohorts.hint")}{" "}
        {!!erasedOrdersLeftOut && t("reports.buyers.leftOut", { count: erasedOrdersLeftOut })}
      </Hint>
      {isEmpty(cohorts) && (
        <Alert color="yellow" title={t("reports.cohorts.none")}>
          <Text size="sm">{t("reports.cohorts.noneHint")}</Text>
          <Link to="/activity">{t("nav.activity")}</Link>
        </Alert>
      )}
      <NumberTable
        name={t("reports.cohorts.title")}
        head={[
          ...head,
          ...columns.map((after) => (after ? `+${number(after)}` : t("reports.cohorts.same"))),
        ]}
        lines={cohorts.map(({ month, customers, active }) => ({
          key: month,
          name: (
            <Link className="link" to={peopleOf(newIn(daysOf(month)))}>
              {monthName(`${month}-01`)}
            </Link>
          ),
          cells: [
            { key: "people", shown: number(customers) },
            ...columns.map((after) => {
              const count = active[after];
              const known = count !== undefined && customers > 0;
              return {
                key: String(after),
                shown: known ? `${percent(count, customers)} (${number(count)})` : "",
                shade: known ? shadeOf(count, customers) : 0,
              };
            }),
          ],
        }))}
      />
    </Card>
  );
}
