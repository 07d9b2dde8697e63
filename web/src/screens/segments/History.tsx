import { Stack, Text } from "@mantine/core";
import { wholeDay } from "../../format";
import { type DayCount, drawn } from "../../segments/counts";
import { Bars } from "../../ui/Bars";
import { EmptyNotice } from "../../ui/PageParts";
import { t } from "../../words";

/** How many people a segment had, as often as somebody counted it. */
export function History({ counts }: { counts: DayCount[] }) {
  if (!counts.length) return <EmptyNotice title={t("segments.noHistory")} />;
  return (
    <Stack gap="xs">
      <Bars
        name={t("segments.history")}
        series={[t("segments.people")]}
        bars={drawn(counts).map(({ day, count }) => ({ label: wholeDay(day), values: [count] }))}
        says={(count) => t("shared.people", { count })}
      />
      <Text size="sm" c="dimmed">
        {t("segments.historyHint")}
      </Text>
    </Stack>
  );
}
