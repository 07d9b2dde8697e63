import { Tabs } from "@mantine/core";
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
      <Tabs value={who} onChange={(next) => next && set("who", next, usual)} keepMounted={false}>
        <Tabs.List mb="sm" aria-label={t("events.whichPeople")}>
          {WHO.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {`${labels[one]} (${number(countOf(one, event))})`}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {WHO.map((one) => (
          <Tabs.Panel key={one} value={one}>
            <PeopleList
              asked={asked}
              sort={sort}
              setSort={(next) => set("sort", sortText(next), sortText(sortOf(null)))}
              list={list}
              count={countOf(who, event)}
            >
              {nobody[who]}
            </PeopleList>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Card>
  );
}
