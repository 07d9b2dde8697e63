import { TextInput } from "@mantine/core";
import { useState } from "react";
import { dayIn, ZONE } from "../../format";
import { isSpan, WHENS, type When, whenOf } from "../../people/filters";
import { typedNumber } from "../../ui/typing";
import { t } from "../../words";
import { ChipForm, Choice, type FormProps, TextOnly } from "./ChipForm";

/** A time within or before so many days, or compared with a day of the organiser's. */
export function TimeForm(props: FormProps & { leafKey: "lastOrderAt" | "firstOrderAt" }) {
  const { condition, apply, leafKey } = props;
  const bounds = (condition?.leaf[leafKey] as Record<string, unknown>) ?? { withinDays: 90 };
  const start = whenOf(bounds);
  const [when, setWhen] = useState<When>(start?.when ?? "withinDays");
  const days = start && isSpan(start.when) ? start.value : "90";
  const [typedDays, setDays] = useState(days);
  const [day, setDay] = useState(
    start && !isSpan(start.when) ? start.value : dayIn(new Date(), ZONE),
  );
  if (!start) return <TextOnly />;
  const count = typedNumber(typedDays, 0);
  const value = isSpan(when) ? count : /^[1-9]\d{3}-\d{2}-\d{2}$/.test(day) ? day : null;
  const leaf = { [leafKey]: { [when]: value } };
  const says = value === null || value === 0 ? null : { leaf, not: condition?.not ?? false };
  return (
    <ChipForm says={says} apply={apply}>
      <Choice
        label={t("people.filter.when")}
        value={when}
        data={WHENS.map((one) => ({ value: one, label: t(`people.filter.whens.${one}`) }))}
        set={(next) => setWhen(next as When)}
      />
      {isSpan(when) ? (
        <TextInput
          label={t("people.filter.days")}
          inputMode="numeric"
          autoComplete="off"
          maxLength={6}
          value={typedDays}
          error={typedDays !== "" && count === null && t("people.filter.wrongNumber")}
          onChange={(event) => setDays(event.currentTarget.value)}
        />
      ) : (
        <TextInput
          type="date"
          label={t("people.filter.day")}
          value={day}
          onChange={(event) => setDay(event.currentTarget.value)}
        />
      )}
    </ChipForm>
  );
}
