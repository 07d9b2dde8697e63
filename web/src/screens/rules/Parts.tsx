import { Stack, Text } from "@mantine/core";
import type { Rule } from "../../api/rules";
import { number } from "../../format";
import { t } from "../../words";
import { onceSaid, onlySaid, thenSaid, useNamesIn, whenSaid } from "./sentences";

/** A rule as it is saved, in words. */
export function Parts(props: { rule: Rule; draft: (id: string) => string | null }) {
  const { rule } = props;
  const names = useNamesIn([rule]);
  const rows: [string, string][] = [
    [t("rules.parts.when"), whenSaid(rule, names)],
    [t("rules.parts.only"), onlySaid(rule, names) ?? t("rules.segment.everybody")],
    [t("rules.parts.once"), onceSaid(rule)],
    [t("rules.parts.then"), thenSaid(rule, names, props.draft)],
    [t("rules.parts.most"), `${number(rule.most)} ${t("rules.people")}`],
  ];
  return (
    <Stack component="dl" gap="xs" m={0}>
      {rows.map(([name, said]) => (
        <div key={name}>
          <Text component="dt" size="sm" c="dimmed">
            {name}
          </Text>
          <Text component="dd" m={0}>
            {said}
          </Text>
        </div>
      ))}
    </Stack>
  );
}
