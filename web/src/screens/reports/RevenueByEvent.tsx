import { Button } from "@mantine/core";
import { useEventList } from "../../api/events";
import { day, number } from "../../format";
import { Card } from "../../ui/Card";
import { Spend } from "../../ui/CustomerCells";
import { EventLink } from "../../ui/EventParts";
import { EmptyNotice, ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";
import { plainAmount } from "./csv";
import { Hint, NumberTable, SaveTable } from "./Parts";

/** So many events are added up at once: each takes its orders. */
const PAGE = 10;

/** What each event sold, the newest first. */
export function RevenueByEvent() {
  const list = useEventList("", null, PAGE);
  const events = list.data?.pages.flatMap((page) => page.events) ?? [];
  const file = () => {
    const currencies = [...new Set(events.flatMap(({ revenue = {} }) => Object.keys(revenue)))];
    currencies.sort();
    return [
      [
        t("reports.eventId"),
        t("reports.event"),
        t("reports.date"),
        t("reports.orders"),
        ...currencies,
      ],
      ...events.map(({ eventId, name, startsAt, orders = null, revenue = {} }) => [
        eventId,
        name,
        startsAt ? String(startsAt) : null,
        orders,
        ...currencies.map((code) => plainAmount(revenue[code] ?? 0, code)),
      ]),
    ];
  };
  return (
    <Card
      title={t("reports.revenue.byEvent")}
      action={events.length > 0 && <SaveTable name="revenue-by-event" rows={file} />}
    >
      <Hint>{t("reports.revenue.eventHint")}</Hint>
      {list.error && <ErrorNotice error={list.error} retry={list.refetch} />}
      {list.isPending && <LoadingRows />}
      {list.isSuccess && !events.length && <EmptyNotice title={t("reports.noEvents")} />}
      {events.length > 0 && (
        <NumberTable
          name={t("reports.revenue.byEvent")}
          head={[t("reports.event"), t("reports.orders"), t("reports.revenue.title")]}
          lines={events.map((event) => ({
            key: event.eventId,
            name: (
              <>
                <EventLink {...event} />
                <Hint>{day(event.startsAt)}</Hint>
              </>
            ),
            cells: [
              { key: "orders", shown: number(event.orders ?? 0) },
              { key: "revenue", shown: <Spend spend={event.revenue ?? {}} /> },
            ],
          }))}
        />
      )}
      {list.hasNextPage && (
        <Button
          variant="default"
          style={{ alignSelf: "flex-start" }}
          loading={list.isFetchingNextPage}
          onClick={() => list.fetchNextPage()}
        >
          {t("reports.more")}
        </Button>
      )}
    </Card>
  );
}
