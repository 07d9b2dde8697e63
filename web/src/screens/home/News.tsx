import { Group, SimpleGrid, Text } from "@mantine/core";
import { useMemo } from "react";
import { Link } from "react-router";
import { useNews } from "../../api/home";
import { useBackend } from "../../backend";
import { number, time } from "../../format";
import { Card } from "../../ui/Card";
import { ErrorNotice } from "../../ui/PageParts";
import { peopleOf } from "../../ui/periods";
import { useLastVisit } from "../../ui/visits";
import { t } from "../../words";
import { sinceOf } from "./news";

/** What is new since somebody was here last, each with the way to it. */
export function News({ ready }: { ready: boolean }) {
  const account = useBackend().auth.currentUser?.uid ?? "";
  const visit = useLastVisit(account);
  const since = useMemo(() => sinceOf(visit, Date.now()), [visit]);
  const news = useNews(since, ready);
  const { data } = news;
  const title = visit === null ? t("home.news.lastDay") : t("home.news.title");
  return (
    <Card
      title={title}
      action={
        <Text size="sm" c="dimmed">
          {t("home.news.since", { time: time(since) })}
        </Text>
      }
    >
      {news.error && <ErrorNotice error={news.error} retry={news.refetch} />}
      <SimpleGrid cols={{ base: 2, sm: 4 }}>
        <New
          name="orders"
          label={t("home.news.orders")}
          count={data?.orders}
          to={peopleOf(`last_order_at >= ${since}`)}
        />
        <New
          name="people"
          label={t("home.news.people")}
          count={data?.people}
          to={peopleOf(`first_order_at >= ${since}`)}
        />
        <New
          name="subscribed"
          label={t("shared.subscribed")}
          count={data?.subscribed}
          to={peopleOf("subscribed")}
        />
        <New
          name="unsubscribed"
          label={t("shared.unsubscribed")}
          count={data?.unsubscribed}
          to={peopleOf("unsubscribed")}
        />
      </SimpleGrid>
      {data?.truncated && (
        <Text size="sm" c="dimmed">
          {t("home.news.more")}
        </Text>
      )}
    </Card>
  );
}

function New(props: { name: string; label: string; count: number | undefined; to: string }) {
  return (
    <Group gap="xs" align="baseline" wrap="nowrap">
      <Text size="xl" fw={700} className="figures" data-testid={`news-${props.name}`}>
        {props.count === undefined ? "…" : number(props.count)}
      </Text>
      <Link to={props.to} className="link">
        {props.label}
      </Link>
    </Group>
  );
}
