import { Alert, Button, Checkbox, Group, NativeSelect, Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import {
  type Campaign,
  type Counts,
  type PersonState,
  type Recipient,
  useRecipients,
} from "../../api/campaigns";
import { number, time } from "../../format";
import { useMay } from "../../session";
import { EmptyNotice, ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";
import { ResolveDialog } from "./ResolveDialog";
import { PEOPLE } from "./rules";
import { personState, whyInWords } from "./words";

/** A campaign's people by name and state; whom nobody knows of is settled here. */
export function Recipients({ campaign, counts }: { campaign: Campaign; counts: Counts }) {
  const editor = useMay("editor");
  const [params, setParams] = useSearchParams();
  const state = PEOPLE.find((one) => one === params.get("people")) ?? null;
  const sending = ["preparing", "sending"].includes(campaign.state);
  const list = useRecipients(campaign.campaignId, state, campaign.state, sending);
  const rows = list.data?.pages.flatMap((page) => page.recipients) ?? [];
  const [chosen, setChosen] = useState<string[]>([]);
  const [action, setAction] = useState<"resend" | "close" | null>(null);
  const settling = editor && state === "uncertain" && !sending && rows.length > 0;
  const there = rows.flatMap((one) => one.customerId ?? []);
  const whom = chosen.filter((one) => there.includes(one)).slice(0, 500);
  const show = (next: string) => {
    setChosen([]);
    setParams({ tab: "people", ...(next && { people: next }) }, { replace: true });
  };
  return (
    <Stack>
      <NativeSelect
        label={t("campaigns.people.show")}
        maw={320}
        value={state ?? ""}
        onChange={(event) => show(event.currentTarget.value)}
        data={[
          { value: "", label: `${t("campaigns.people.all")} (${number(counts.audience)})` },
          ...PEOPLE.map((one) => ({
            value: one,
            label: `${personState(one)} (${number(counts[one])})`,
          })),
        ]}
      />
      {state === "uncertain" && (
        <Alert color="yellow">
          {t(sending ? "campaigns.people.uncertainSending" : "campaigns.people.uncertain")}
        </Alert>
      )}
      {settling && (
        <Group>
          <Checkbox
            label={t("campaigns.people.allShown")}
            checked={there.length > 0 && whom.length === Math.min(there.length, 500)}
            indeterminate={whom.length > 0 && whom.length < there.length}
            onChange={(event) => setChosen(event.currentTarget.checked ? there : [])}
          />
          <Button disabled={!whom.length} variant="default" onClick={() => setAction("resend")}>
            {t("campaigns.people.resend")}
          </Button>
          <Button disabled={!whom.length} variant="default" onClick={() => setAction("close")}>
            {t("campaigns.people.close")}
          </Button>
        </Group>
      )}
      {list.error && <ErrorNotice error={list.error} retry={list.refetch} />}
      {!list.data && !list.error && <LoadingRows />}
      {list.data && !rows.length && <EmptyNotice title={t("campaigns.people.none")} />}
      {rows.length > 0 && (
        <Rows
          rows={rows}
          chosen={settling ? whom : null}
          choose={(id, on) =>
            setChosen((now) => (on ? [...now, id] : now.filter((one) => one !== id)))
          }
        />
      )}
      <Group justify="center">
        {sending && (
          <Button variant="default" loading={list.isRefetching} onClick={() => list.refetch()}>
            {t("campaigns.people.refresh")}
          </Button>
        )}
        {list.hasNextPage && (
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => list.fetchNextPage()}
          >
            {t("campaigns.people.more")}
          </Button>
        )}
      </Group>
      {action && (
        <ResolveDialog
          campaignId={campaign.campaignId}
          action={action}
          customerIds={whom}
          close={() => setAction(null)}
        />
      )}
    </Stack>
  );
}

function Rows(props: {
  rows: Recipient[];
  chosen: string[] | null;
  choose: (customerId: string, on: boolean) => void;
}) {
  const { rows, chosen } = props;
  return (
    <Table.ScrollContainer minWidth={300} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="sm" aria-label={t("campaigns.people.title")}>
        <Table.Thead>
          <Table.Tr>
            {chosen && <Table.Th w={40} aria-label={t("campaigns.people.choose")} />}
            <Table.Th>{t("campaigns.people.person")}</Table.Th>
            <Table.Th>{t("campaigns.stateHead")}</Table.Th>
            <Table.Th visibleFrom="sm">{t("campaigns.whenHead")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((one, at) => (
            <Table.Tr key={one.customerId ?? at}>
              {chosen && (
                <Table.Td>
                  {one.customerId && (
                    <Checkbox
                      aria-label={t("campaigns.people.chooseOne", { name: nameOf(one) })}
                      checked={chosen.includes(one.customerId)}
                      onChange={(event) =>
                        props.choose(one.customerId ?? "", event.currentTarget.checked)
                      }
                    />
                  )}
                </Table.Td>
              )}
              <Table.Td>
                <Person person={one} />
              </Table.Td>
              <Table.Td>
                {personState(one.state as PersonState)}
                {one.reason && (
                  <Text size="sm" c="dimmed">
                    {whyInWords(one.reason)}
                  </Text>
                )}
              </Table.Td>
              <Table.Td visibleFrom="sm">{time(one.at)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const nameOf = (one: Recipient) => one.name ?? one.email ?? t("campaigns.people.nobody");

function Person({ person }: { person: Recipient }) {
  if (!person.customerId) return <Text>{t("campaigns.people.erased")}</Text>;
  return (
    <>
      <Link className="link" to={`/people/${person.customerId}`}>
        {nameOf(person)}
      </Link>
      <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {person.name ? person.email : ""}
      </Text>
    </>
  );
}
