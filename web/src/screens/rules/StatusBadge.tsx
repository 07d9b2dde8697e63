import { Badge } from "@mantine/core";
import type { Rule } from "../../api/rules";
import { t } from "../../words";

/** Whether a rule acts. */
export function StatusBadge({ rule }: { rule: Pick<Rule, "on" | "paused"> }) {
  const status = !rule.on ? "off" : rule.paused ? "paused" : "on";
  const colour = { off: "gray", on: "teal", paused: "yellow" }[status];
  return (
    <Badge variant="dot" color={colour} tt="none" c="var(--mantine-color-text)" miw="max-content">
      {t(`rules.status.${status as "on"}`)}
    </Badge>
  );
}
