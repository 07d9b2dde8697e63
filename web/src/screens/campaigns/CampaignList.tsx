import { Box, Button, Checkbox, Group, Table, Tabs, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { type Campaign, useOpenCampaigns, usePastCampaigns } from "../../api/campaigns";
import { useMay } from "../../session";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import "./campaigns.css";
import { CheckSender } from "./CheckSender";
import { DeleteDialog, RowMenu } from "./RowMenu";
import { LIST_NAMES, LISTS, type List, listOf, rowsOf } from "./rules";
import { StateBadge } from "./StateBadge";
import { countInWords, whenInWords } from "./words";

const OVER = ["done", "cancelled", "missed"] as const;

/** The campaigns by state. Those that are not over are followed; the others come page by page. */
export default function CampaignList() {
  const editor = useMay("editor");
  const [params, setParams] = useSearchParams();
  const list = listOf(params.get("list"));
  const byRules = params.has("rules");
  const [checking, setChecking] = useState(false);
  const show = (key: string, value: string | null) =>
    setParams(
      (now) => {
        const next = new URLSearchParams(now);
        if (value === null) next.delete(key);
        else next.set(key, value);
        return next;
      },
      { replace: true },
    );
  return (
    <>
      <PageHead title={t("campaigns.title")}>
        {editor && (
          <>
            <Button variant="default" onClick={() => setChecking(true)}>
              {t("campaigns.check.open")}
            </Button>
            <Button
              component={Link}
              to="/campaigns/new"
              leftSection={<IconPlus size={16} aria-hidden />}
            >
              {t("campaigns.new")}
            </Button>
          </>
        )}
      </PageHead>
      <Tabs
        value={list}
        onChange={(next) => show("list", next === "all" ? null : next)}
        keepMounted={false}
      >
        <Tabs.List mb="md" aria-label={t("campaigns.lists")}>
          {LIST_NAMES.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`campaigns.list.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {LIST_NAMES.map((name) => (
          <Tabs.Panel key={name} value={name}>
            <Rows list={name} byRules={byRules} editor={editor} />
          </Tabs.Panel>
        ))}
      </Tabs>
      <Checkbox
        mt="md"
        label={t("campaigns.byRules")}
        checked={byRules}
        onChange={(event) => show("rules", event.currentTarget.checked ? "" : null)}
      />
      {checking && <CheckSender close={() => setChecking(false)} />}
    </>
  );
}

function Rows({ list, byRules, editor }: { list: List; byRules: boolean; editor: boolean }) {
  const [leaving, setLeaving] = useState<Campaign | null>(null);
  const open = useOpenCampaigns();
  const over = OVER.filter((one) => (LISTS[list] as readonly string[]).includes(one));
  // What ends leaves those that are followed, and is among the others when these are asked for again.
  const version = (open.data ?? []).map((one) => one.campaignId).join();
  const past = usePastCampaigns([...over], byRules, version, over.length > 0 && !!open.data);
  const error = open.error ?? past.error;
  if (error) return <ErrorNotice error={error} retry={past.error ? past.refetch : undefined} />;
  if (!open.data || (over.length > 0 && !past.data)) return <LoadingRows />;
  const answered = past.data?.pages.flatMap((page) => page.campaigns) ?? [];
  const rows = rowsOf(list, open.data, answered, byRules);
  return (
    <>
      {rows.length === 0 && (
        <EmptyNotice title={t(`campaigns.none.${list}`)}>
          {list === "all" ? t("campaigns.none.why") : null}
        </EmptyNotice>
      )}
      {rows.length > 0 && (
        <Table.ScrollContainer minWidth={300} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table verticalSpacing="sm" aria-label={t("campaigns.title")}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("campaigns.name")}</Table.Th>
                <Table.Th visibleFrom="sm">{t("campaigns.stateHead")}</Table.Th>
                <Table.Th visibleFrom="sm">{t("campaigns.whenHead")}</Table.Th>
                <Table.Th visibleFrom="sm" ta="right">
                  {t("campaigns.countHead")}
                </Table.Th>
                {editor && <Table.Th w={50} aria-label={t("campaigns.actions")} />}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((one) => (
                <Row key={one.campaignId} campaign={one} editor={editor} remove={setLeaving} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {past.hasNextPage && over.length > 0 && (
        <Group justify="center" mt="md">
          <Button
            variant="default"
            loading={past.isFetchingNextPage}
            onClick={() => past.fetchNextPage()}
          >
            {t("campaigns.more")}
          </Button>
        </Group>
      )}
      {leaving && <DeleteDialog campaign={leaving} close={() => setLeaving(null)} />}
    </>
  );
}

function Row(props: { campaign: Campaign; editor: boolean; remove: (campaign: Campaign) => void }) {
  const { campaign } = props;
  return (
    <Table.Tr className="leads">
      <Table.Td>
        <Link className="link" to={`/campaigns/${campaign.campaignId}`}>
          {campaign.name}
        </Link>
        <Text size="sm" c="dimmed" lineClamp={2}>
          {campaign.subject || t("campaigns.noSubject")}
        </Text>
        <Box hiddenFrom="sm">
          <State campaign={campaign} />
        </Box>
        <Text size="sm" c="dimmed" hiddenFrom="sm">
          {[whenInWords(campaign), countInWords(campaign)].filter(Boolean).join(" · ")}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <State campaign={campaign} />
      </Table.Td>
      <Table.Td visibleFrom="sm" miw={150}>
        {whenInWords(campaign)}
      </Table.Td>
      <Table.Td visibleFrom="sm" ta="right" className="figures">
        {countInWords(campaign) ?? "–"}
      </Table.Td>
      {props.editor && (
        <Table.Td>
          <RowMenu campaign={campaign} remove={() => props.remove(campaign)} />
        </Table.Td>
      )}
    </Table.Tr>
  );
}

function State({ campaign }: { campaign: Campaign }) {
  return (
    <>
      <StateBadge state={campaign.state} />
      {campaign.rule && <Text size="sm">{t("campaigns.ofRule")}</Text>}
    </>
  );
}
