import { Stack, Text } from "@mantine/core";
import { dayIn, wholeDay, ZONE } from "../../format";
import { Bars } from "../../ui/Bars";
import { t } from "../../words";
import { curveOf, type DaySold, type Stretch } from "./curve";

/** How many tickets were sold until each day before an event. */
export function Curve({ days, startsOn }: { days: DaySold[]; startsOn: string | null }) {
  if (!days.length) return <Text>{t("events.noSales")}</Text>;
  const today = dayIn(new Date(), ZONE);
  const event = startsOn ?? days.at(-1)?.day ?? today;
  const { length, stretches } = curveOf(days, event, today);
  const label = ({ day, before }: Stretch) => {
    if (!startsOn) return t("events.until", { day: wholeDay(day) });
    if (!before) return t("events.onTheDay", { day: wholeDay(day) });
    return t("events.daysBefore", { day: wholeDay(day), count: before });
  };
  return (
    <Stack gap="xs">
      <Bars
        name={t("events.sales")}
        series={[t("events.soldBefore"), t("events.soldThen")]}
        bars={stretches.map((one) => ({
          label: label(one),
          mark: startsOn ? String(one.before) : wholeDay(one.day),
          values: [one.earlier, one.sold],
        }))}
        says={(tickets) => t("events.tickets", { count: tickets })}
      />
      <Text size="sm" c="dimmed">
        {startsOn && `${t("events.beforeAxis")}. `}
        {length === 1 ? t("events.byDay") : t("events.byDays", { count: length })}
      </Text>
    </Stack>
  );
}
