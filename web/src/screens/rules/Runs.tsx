import { Button, Group, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import { useEventNames } from "../../api/events";
import { type RuleRun, useRuleRuns } from "../../api/rules";
import { time } from "../../format";
import { EventLink } from "../../ui/EventParts";
import { EmptyNotice, ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";

/** On whom a rule has acted, the latest first. */
export function Runs({ ruleId }: { ruleId: string }) {
  const list = useRuleRuns(ruleId);
  const runs = list.data?.pages.flatMap((page) => page.runs) ?? [];
  const events = useEventNames([...new Set(runs.flatMap((one) => one.eventId ?? []))]);
  if (list.error) return <ErrorNotice error={list.error} retry={list.refetch} />;
  if (!list.data) return <LoadingRows />;
  if (!runs.length) {
    return <EmptyNotice title={t("rules.runs.none")}>{t("rules.runs.noneHint")}</EmptyNotice>;
  }
  return (
    <>
      <Table.ScrollContainer minWidth={300} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table verticalSpacing="sm" aria-label={t("rules.tabs.runs")}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("rules.runs.person")}</Table.Th>
              <Table.Th>{t("rules.runs.did")}</Table.Th>
              <Table.Th>{t("rules.runs.at")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {runs.map((one) => (
              <Table.Tr key={`${one.customerId} ${one.eventId} ${one.at}`}>
                <Table.Td>
                  <Person run={one} />
                </Table.Td>
                <Table.Td>
                  {t(`rules.runs.${one.did}`)}
                  {one.campaignId && (
                    <Text size="sm">
                      <Link to={`/campaigns/${one.campaignId}`}>{t("rules.runs.campaign")}</Link>
                    </Text>
                  )}
                  {one.eventId && (
                    <Text size="sm">
                      <EventLink eventId={one.eventId} name={events.get(one.eventId)?.name} />
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>{time(one.at)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {list.hasNextPage && (
        <Group justify="center" mt="md">
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => list.fetchNextPage()}
          >
            {t("rules.more")}
          </Button>
        </Group>
      )}
    </>
  );
}

function Person({ run }: { run: RuleRun }) {
  if (!run.customerId) return <Text>{t("rules.runs.erased")}</Text>;
  return (
    <Link className="link" to={`/people/${run.customerId}`}>
      {run.name ?? t("shared.namelessPerson")}
    </Link>
  );
}
