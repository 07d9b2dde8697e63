import { Group, SegmentedControl, Stack } from "@mantine/core";
import { useSearchParams } from "react-router";
import type { EventRow } from "../../api/types";
import { number } from "../../format";
import { useCustomers } from "../../people/asking";
import { PeopleList } from "../../people/PeopleList";
import { sortOf, sortText } from "../../people/sorting";
import { Card } from "../../ui/Card";
import { t } from "../../words";
import { countOf, segmentOf, WHO, type Who } from "./attendance";

/** Who has a ticket, who came and who did not, as a list to sort and to tag. */
export function Attendees({ event, toCome }: { event: EventRow; toCome: boolean }) {
  const [params, setParams] = useSearchParams();
  const usual: Who = toCome ? "coming" : "came";
  const who = WHO.find((one) => one === params.get("who")) ?? usual;
  const sort = sortOf(params.get("sort"));
  const set = (name: string, value: string, plain: string) => {
    const next = new URLSearchParams(params);
    if (value === plain) next.delete(name);
    else next.set(name, value);
    setParams(next, { replace: true });
  };
  const asked = { kind: "segment", segment: segmentOf(who, event.eventId) } as const;
  const list = useCustomers(asked, sort);
  const labels = {
    coming: t(toCome ? "events.coming" : "events.withTicket"),
    came: t("events.cameTab"),
    noShow: t("events.noShowTab"),
  };
  const nobody = {
    coming: t("events.nobodyComing"),
    came: t("events.nobodyCame"),
    noShow: t("events.nobodyMissed"),
  };
  return (
    <Card title={t("events.attendees")}>
      <Stack gap="sm">
        <Group>
          <SegmentedControl
            aria-label={t("events.whichPeople")}
            data={WHO.map((one) => ({
              value: one,
              label: `${labels[one]} (${number(countOf(one, event))})`,
            }))}
            value={who}
            onChange={(next) => set("who", next, usual)}
          />
        </Group>
        <PeopleList
          asked={asked}
          sort={sort}
          setSort={(next) => set("sort", sortText(next), sortText(sortOf(null)))}
          list={list}
          count={countOf(who, event)}
        >
          {nobody[who]}
        </PeopleList>
      </Stack>
    </Card>
  );
}
