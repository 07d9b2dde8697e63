import { Button, Group, Table } from "@mantine/core";
import { Link } from "react-router";
import { useRuleCampaigns } from "../../api/rules";
import { number, time } from "../../format";
import { EmptyNotice, ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";

/** The campaigns that a rule has sent, the newest first. */
export function RuleCampaigns({ ruleId }: { ruleId: string }) {
  const list = useRuleCampaigns(ruleId);
  const rows = list.data?.pages.flatMap((page) => page.campaigns) ?? [];
  if (list.error) return <ErrorNotice error={list.error} retry={list.refetch} />;
  if (!list.data) return <LoadingRows />;
  if (!rows.length && !list.hasNextPage) return <EmptyNotice title={t("rules.campaigns.none")} />;
  return (
    <>
      <Table.ScrollContainer minWidth={300} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table verticalSpacing="sm" aria-label={t("rules.tabs.campaigns")}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("rules.campaigns.name")}</Table.Th>
              <Table.Th>{t("rules.campaigns.state")}</Table.Th>
              <Table.Th ta="right">{t("rules.campaigns.got")}</Table.Th>
              <Table.Th visibleFrom="sm">{t("rules.campaigns.at")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((one) => (
              <Table.Tr key={one.campaignId} className="leads">
                <Table.Td>
                  <Link className="link" to={`/campaigns/${one.campaignId}`}>
                    {one.name}
                  </Link>
                </Table.Td>
                <Table.Td>{t(`campaigns.state.${one.state}`)}</Table.Td>
                <Table.Td ta="right" className="figures">
                  {t("rules.campaigns.of", {
                    accepted: number(one.counts.accepted),
                    audience: number(one.counts.audience),
                  })}
                </Table.Td>
                <Table.Td visibleFrom="sm">{time(one.startedAt ?? one.createdAt)}</Table.Td>
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
