import { Stack, Text } from "@mantine/core";
import { Link, useSearchParams } from "react-router";
import { useEvent, useEventSales } from "../../api/events";
import type { EventFigures } from "../../api/types";
import { dateOf, dayIn, time, ZONE } from "../../format";
import { BackLink } from "../../ui/BackLink";
import { Card } from "../../ui/Card";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { Actions } from "./Actions";
import { Attendees } from "./Attendees";
import { isToCome } from "./attendance";
import { Curve } from "./Curve";
import { Figures } from "./Figures";

/** The page of one event: what was sold, who is coming or came, who did not, and who came again. */
export default function EventPage() {
  const [params] = useSearchParams();
  const found = useEvent(params.get("id") ?? "");
  if (found.error) {
    return (
      <>
        <PageHead title={t("events.event")} />
        <ErrorNotice error={found.error} retry={found.refetch} />
      </>
    );
  }
  if (found.data === undefined) return <LoadingRows />;
  if (found.data === null) {
    return (
      <>
        <PageHead title={t("events.event")} />
        <EmptyNotice title={t("events.missing")}>
          <Link to="/events">{t("events.allEvents")}</Link>
        </EmptyNotice>
      </>
    );
  }
  return <Details key={found.data.eventId} event={found.data} />;
}

function Details({ event }: { event: EventFigures }) {
  const sales = useEventSales(event.eventId);
  const toCome = isToCome(event, new Date());
  const startsOn = event.startsAt && dayIn(dateOf(event.startsAt), ZONE);
  return (
    <>
      <BackLink path="/events" search={toCome ? "" : "?when=past"}>
        {t("events.title")}
      </BackLink>
      <PageHead title={event.name ?? event.eventId}>
        <Text>{event.startsAt ? time(event.startsAt) : t("events.noDate")}</Text>
      </PageHead>
      <Stack>
        <Actions event={event} toCome={toCome} />
        <Figures event={event} sales={sales.data} toCome={toCome} />
        <Card title={t("events.sales")}>
          {sales.error && <ErrorNotice error={sales.error} retry={sales.refetch} />}
          {sales.isPending && <LoadingRows count={4} />}
          {sales.data && <Curve days={sales.data.days} startsOn={startsOn} />}
          {sales.data?.truncated && <Text size="sm">{t("events.truncated")}</Text>}
        </Card>
        <Attendees event={event} toCome={toCome} />
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {t("events.id", { id: event.eventId })}
        </Text>
      </Stack>
    </>
  );
}
