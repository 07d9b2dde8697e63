import { List, NativeSelect, SimpleGrid, Text } from "@mantine/core";
import { useState } from "react";
import { type Campaign, type Counts, type Results, useResults } from "../../api/campaigns";
import { useEventNames } from "../../api/events";
import { day, number } from "../../format";
import { Card } from "../../ui/Card";
import { Spend } from "../../ui/CustomerCells";
import { EventLink } from "../../ui/EventParts";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";

const DAYS = [7, 14, 30, 90];

/** What came of a campaign: orders, revenue and attendance after it, and who came back or left. */
export function ResultsCard({ campaign, counts }: { campaign: Campaign; counts: Counts }) {
  const [days, setDays] = useState(14);
  const found = useResults(campaign.campaignId, days);
  const results = found.data;
  return (
    <Card title={t("campaigns.results.title")}>
      <NativeSelect
        label={t("campaigns.results.days")}
        maw={320}
        value={String(days)}
        onChange={(event) => setDays(Number(event.currentTarget.value))}
        data={DAYS.map((one) => ({
          value: String(one),
          label: t("campaigns.duration.days", { count: one }),
        }))}
      />
      {found.error && <ErrorNotice error={found.error} retry={found.refetch} />}
      {!results && !found.error && <LoadingRows count={2} />}
      {results && <Found results={results} />}
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        <Figure name={t("campaigns.results.bounced")} value={number(counts.bounced)} />
        <Figure name={t("campaigns.results.complained")} value={number(counts.complained)} />
        <Figure name={t("campaigns.results.unsubscribed")} value={number(counts.unsubscribed)} />
      </SimpleGrid>
      <Text size="sm" c="dimmed">
        {t("campaigns.results.how")}
      </Text>
    </Card>
  );
}

function Found({ results }: { results: Results }) {
  const events = Object.entries(results.booked).sort(([, one], [, two]) => two - one);
  const names = useEventNames(events.map(([eventId]) => eventId));
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
        <Figure name={t("campaigns.results.recipients")} value={number(results.recipients)} />
        <Figure name={t("campaigns.results.ordered")} value={number(results.ordered)} />
        <Figure name={t("campaigns.results.orders")} value={number(results.orders)} />
        <div>
          <Text size="sm" c="dimmed">
            {t("campaigns.results.revenue")}
          </Text>
          <Text component="div" fw={600}>
            <Spend spend={results.revenue} />
          </Text>
        </div>
      </SimpleGrid>
      {events.length > 0 && (
        <List aria-label={t("campaigns.results.events")}>
          {events.map(([eventId, booked]) => (
            <List.Item key={eventId}>
              <EventLink eventId={eventId} name={names.get(eventId)?.name} />:{" "}
              {t("campaigns.results.booked", {
                booked: number(booked),
                attended: number(results.attended[eventId] ?? 0),
              })}
            </List.Item>
          ))}
        </List>
      )}
      {results.until && (
        <Text size="sm" c="dimmed">
          {t(results.truncated ? "campaigns.results.truncated" : "campaigns.results.until", {
            day: day(results.until),
          })}
        </Text>
      )}
    </>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text fw={600} className="figures">
        {value}
      </Text>
    </div>
  );
}
