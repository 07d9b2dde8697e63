import { Badge } from "@mantine/core";
import { day, ZONE } from "../../format";
import { t } from "../../words";
import { daysLeft } from "./daysLeft";

/** Until when it is to be answered, and how many days are left. */
export function Deadline({ dueAt }: { dueAt: string }) {
  const left = daysLeft(dueAt, new Date(), ZONE);
  const said =
    left > 0
      ? t("privacy.daysLeft", { count: left })
      : left === 0
        ? t("privacy.dueToday")
        : t("privacy.overdue", { count: -left });
  return (
    <Badge
      variant={left < 0 ? "filled" : "dot"}
      color={left < 0 ? "red.9" : left < 7 ? "orange" : "gray"}
      c={left < 0 ? undefined : "var(--mantine-color-text)"}
      tt="none"
      miw="max-content"
      title={t("privacy.dueBy", { day: day(dueAt) })}
    >
      {said}
    </Badge>
  );
}
