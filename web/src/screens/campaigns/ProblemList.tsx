import { Badge, List, Text } from "@mantine/core";
import type { Problem } from "../../api/campaigns";
import { Card } from "../../ui/Card";
import { t } from "../../words";
import type { Block } from "./blocks";
import { placeInWords, problemInWords } from "./words";

/** What is wrong with a mail and where; what stops it first. */
export function ProblemList({ problems, blocks }: { problems: Problem[]; blocks: Block[] | null }) {
  const sorted = [...problems].sort((one, two) => Number(two.blocking) - Number(one.blocking));
  return (
    <Card title={t("campaigns.problems.title")}>
      {!sorted.length && <Text>{t("campaigns.problems.none")}</Text>}
      {sorted.length > 0 && (
        <List
          spacing="xs"
          listStyleType="none"
          aria-label={t("campaigns.problems.title")}
          styles={{ itemWrapper: { display: "block" }, itemLabel: { display: "block" } }}
        >
          {sorted.map((one) => {
            const { said, more } = problemInWords(one);
            return (
              <List.Item key={`${one.at} ${one.reason} ${one.message}`}>
                <Badge
                  variant="dot"
                  color={one.blocking ? "red" : "yellow"}
                  tt="none"
                  c="var(--mantine-color-text)"
                >
                  {t(one.blocking ? "campaigns.problems.stops" : "campaigns.problems.hint")}
                </Badge>{" "}
                <Text component="span" fw={600}>
                  {placeInWords(one.at, blocks)}
                </Text>
                <Text style={{ overflowWrap: "anywhere" }}>{said}</Text>
                {more && (
                  <Text size="sm" c="dimmed" lang="en">
                    {more}
                  </Text>
                )}
              </List.Item>
            );
          })}
        </List>
      )}
    </Card>
  );
}
