import { MultiSelect, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useEventNames, useFoundEvents } from "../../api/events";
import { type Comparison, useComparison, useLastEvents } from "../../api/reports";
import { number, percent } from "../../format";
import { Card } from "../../ui/Card";
import { EventLink, eventLabel } from "../../ui/EventParts";
import { EmptyNotice, ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { peopleOf } from "../../ui/periods";
import { t } from "../../words";
import { shadeOf } from "./cohorts";
import { atBoth, cameAgain, chosenIn, comparisonRows, MOST } from "./comparing";
import { Hint, NumberTable, SaveTable } from "./Parts";

/** So many of the last events are compared where nobody has chosen any. */
const USUAL = 4;

/** Who came to one event and to another one. */
export function Compared() {
  const [params, setParams] = useSearchParams();
  const chosen = chosenIn(params);
  const none = !params.has("event");
  const last = useLastEvents(USUAL, none);
  const eventIds = none ? (last.data ?? []).map((one) => one.eventId) : chosen;
  const comparison = useComparison(eventIds);
  const choose = (next: string[]) =>
    setParams(
      [["tab", "events"], ...(next.length ? next : [""]).map((one) => ["event", one])] as [
        string,
        string,
      ][],
      { replace: true },
    );
  const error = last.error ?? comparison.error;
  return (
    <Stack>
      <EventChoice value={eventIds} set={choose} />
      {error && (
        <ErrorNotice error={error} retry={last.error ? last.refetch : comparison.refetch} />
      )}
      {(last.isLoading || comparison.isLoading) && <LoadingRows />}
      {!last.isLoading && eventIds.length < 2 && <EmptyNotice title={t("reports.compared.few")} />}
      {comparison.data && <Table {...comparison.data} />}
    </Stack>
  );
}

/** The choice of events out of the whole catalogue, by name, date or id. */
function EventChoice({ value, set }: { value: string[]; set: (eventIds: string[]) => void }) {
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState(false);
  const [q] = useDebouncedValue(typed, 200);
  const { events, searching } = useFoundEvents(open ? q : null);
  const names = useEventNames(value);
  const own = value.map((eventId) => {
    const event = names.get(eventId);
    return { value: eventId, label: event ? eventLabel(event) : eventId };
  });
  const found = events
    .filter((event) => !value.includes(event.eventId))
    .map((event) => ({ value: event.eventId, label: eventLabel(event) }));
  return (
    <MultiSelect
      label={t("reports.compared.events")}
      description={t("reports.compared.choose", { most: MOST })}
      placeholder={value.length < MOST ? t("reports.compared.search") : ""}
      searchable
      hidePickedOptions
      maxValues={MOST}
      data={[...own, ...found]}
      filter={({ options }) => options} // the server has found them
      value={value}
      onChange={set}
      searchValue={typed}
      onSearchChange={setTyped}
      onDropdownOpen={() => setOpen(true)}
      onDropdownClose={() => setOpen(false)}
      nothingFoundMessage={t(searching ? "reports.compared.searching" : "reports.noEvents")}
    />
  );
}

function Table(answer: Comparison) {
  const { events } = answer;
  const head: [string, string] = [t("reports.eventId"), t("reports.event")];
  return (
    <Card
      title={t("reports.compared.title")}
      action={<SaveTable name="events-compared" rows={() => comparisonRows(answer, head)} />}
    >
      <Hint>{t("reports.compared.hint")}</Hint>
      <NumberTable
        name={t("reports.compared.title")}
        head={[
          t("reports.compared.were"),
          ...events.map((event) => (
            <Text key={event.eventId} size="sm" fw={700} miw={110} component="span" display="block">
              {eventLabel(event)}
            </Text>
          )),
        ]}
        lines={events.map((event, row) => ({
          key: event.eventId,
          name: <EventLink {...event} />,
          cells: events.map((other, column) => {
            const { again, all } = cameAgain(answer, row, column);
            const same = row === column;
            const names = {
              event: event.name ?? event.eventId,
              other: other.name ?? other.eventId,
            };
            return {
              key: other.eventId,
              shade: same ? 0 : shadeOf(again, all),
              shown: (
                <Link
                  className="inherits"
                  to={peopleOf(atBoth(event.eventId, other.eventId))}
                  aria-label={
                    same
                      ? t("reports.compared.there", { ...names, count: all })
                      : t("reports.compared.again", { ...names, again: number(again), count: all })
                  }
                >
                  {same
                    ? number(all)
                    : t("reports.compared.of", {
                        again: number(again),
                        all: number(all),
                        share: percent(again, all),
                      })}
                </Link>
              ),
            };
          }),
        }))}
      />
    </Card>
  );
}
