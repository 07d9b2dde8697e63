import { Loader, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useEventNames, useFoundEvents } from "../../api/events";
import { eventLabel } from "../../ui/EventParts";
import { t } from "../../words";

/** The choice of an event out of the whole catalogue, by its name, date or id. */
export function EventValue({ value, set }: { value: string; set: (eventId: string) => void }) {
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState(false);
  const own = useEventNames(value ? [value] : []).get(value);
  const label = own ? eventLabel(own) : value;
  // What stands in the field when it is opened is the event chosen before, and no search.
  const [q] = useDebouncedValue(typed === label ? "" : typed, 200);
  const { events, searching } = useFoundEvents(open ? q : null);
  const data = events
    .filter((event) => event.eventId !== value)
    .map((event) => ({ value: event.eventId, label: eventLabel(event) }));
  if (value) data.unshift({ value, label });
  return (
    <Select
      aria-label={t("segments.values.event")}
      placeholder={t("segments.values.eventHint")}
      w={280}
      maw="100%"
      searchable
      allowDeselect={false}
      data={data}
      filter={({ options }) => options} // the server has found them
      value={value || null}
      onChange={(next) => next && set(next)}
      searchValue={typed}
      onSearchChange={setTyped}
      onDropdownOpen={() => setOpen(true)}
      onDropdownClose={() => setOpen(false)}
      nothingFoundMessage={t(searching ? "segments.values.searching" : "segments.values.noEvent")}
      rightSection={
        searching ? (
          <Loader size="xs" role="img" aria-label={t("segments.values.searching")} />
        ) : undefined
      }
    />
  );
}
