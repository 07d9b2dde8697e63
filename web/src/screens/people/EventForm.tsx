import { Loader, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useEventNames, useFoundEvents } from "../../api/events";
import { eventLabel } from "../../ui/EventParts";
import { t } from "../../words";
import { ChipForm, Choice, type FormProps } from "./ChipForm";
import { eventHow } from "./chips";

const KEYS = ["attended", "noShow", "hasTicket"] as const;

const howText = (how: string) =>
  eventHow(how.replace("!", "") as (typeof KEYS)[number], how.startsWith("!"));

/** Who was at an event, did not come, or holds a ticket of it. */
export function EventForm({ condition, apply }: FormProps) {
  const [[key, id] = ["attended", ""]] = Object.entries(condition?.leaf ?? {});
  const [how, setHow] = useState(`${condition?.not ? "!" : ""}${key}`);
  const [eventId, setEventId] = useState(String(id));
  const hows = ["attended", "!attended", "noShow", "hasTicket", "!hasTicket"];
  if (!hows.includes(how)) hows.push(how);
  const not = how.startsWith("!");
  const says = eventId ? { leaf: { [not ? how.slice(1) : how]: eventId }, not } : null;
  return (
    <ChipForm says={says} apply={apply}>
      <Choice
        label={t("people.filter.compared")}
        value={how}
        data={hows.map((value) => ({ value, label: howText(value) }))}
        set={setHow}
      />
      <EventPicker value={eventId} set={setEventId} />
    </ChipForm>
  );
}

/** The choice of an event out of the whole catalogue; the newest are offered first. */
function EventPicker({ value, set }: { value: string; set: (eventId: string) => void }) {
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
      label={t("people.filter.kinds.event")}
      placeholder={t("people.filter.eventHint")}
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
      nothingFoundMessage={searching ? t("people.searching") : t("people.filter.noEvent")}
      rightSection={
        searching ? <Loader size="xs" role="img" aria-label={t("people.searching")} /> : undefined
      }
      comboboxProps={{ withinPortal: false }}
    />
  );
}
