import { Button, Table, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Link } from "react-router";
import { type Rule, useDrafts, useRules } from "../../api/rules";
import { number } from "../../format";
import type { Names } from "../../segments/describe";
import { useMay } from "../../session";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { StatusBadge } from "./StatusBadge";
import { onlySaid, pausedSaid, thenSaid, useNamesIn, whenSaid } from "./sentences";

/** The rules: when each acts, what it does, and on how many people it has acted. */
export default function Rules() {
  const editor = useMay("editor");
  const rules = useRules();
  const names = useNamesIn(rules.data ?? []);
  const drafts = useDrafts();
  const draft = (id: string) =>
    drafts ? (drafts.find((one) => one.campaignId === id)?.name ?? null) : "…";
  return (
    <>
      <PageHead title={t("rules.title")}>
        {editor && (
          <Button component={Link} to="/rules/new" leftSection={<IconPlus size={16} aria-hidden />}>
            {t("rules.new")}
          </Button>
        )}
      </PageHead>
      {rules.error && <ErrorNotice error={rules.error} retry={rules.refetch} />}
      {rules.isPending && <LoadingRows />}
      {rules.data?.length === 0 && (
        <EmptyNotice title={t("rules.none")}>{t("rules.noneHint")}</EmptyNotice>
      )}
      {!!rules.data?.length && (
        <Table.ScrollContainer minWidth={300} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table verticalSpacing="sm" highlightOnHover aria-label={t("rules.title")}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("rules.rule")}</Table.Th>
                <Table.Th visibleFrom="sm">{t("rules.does")}</Table.Th>
                <Table.Th>{t("rules.statusHead")}</Table.Th>
                <Table.Th ta="right" visibleFrom="xs">
                  {t("rules.actedHead")}
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rules.data.map((one) => (
                <Row key={one.ruleId} rule={one} names={names} draft={draft} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </>
  );
}

function Row(props: { rule: Rule; names: Names; draft: (id: string) => string | null }) {
  const { rule, names } = props;
  const then = thenSaid(rule, names, props.draft);
  return (
    <Table.Tr className="leads">
      <Table.Td>
        <Link className="link" to={`/rules/${rule.ruleId}`}>
          {rule.name}
        </Link>
        <Text size="sm" c="dimmed">
          {[whenSaid(rule, names), onlySaid(rule, names)].filter(Boolean).join(" · ")}
        </Text>
        <Text size="sm" c="dimmed" hiddenFrom="sm">
          {then}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Text size="sm">{then}</Text>
      </Table.Td>
      <Table.Td>
        <StatusBadge rule={rule} />
        {rule.on && rule.paused && <Text size="sm">{pausedSaid(rule)}</Text>}
      </Table.Td>
      <Table.Td ta="right" visibleFrom="xs" className="figures">
        {number(rule.acted ?? 0)}
      </Table.Td>
    </Table.Tr>
  );
}
