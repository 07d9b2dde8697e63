import { Autocomplete, TextInput } from "@mantine/core";
import { useState } from "react";
import type { OwnField } from "../../api/ownFields";
import { tagId, useSegments, useTagLabels } from "../../api/queries";
import type { SegmentNode } from "../../api/types";
import type { Condition, Kind } from "../../people/filters";
import { t } from "../../words";
import { ChipForm, Choice, type FormProps, TextOnly } from "./ChipForm";
import { consentText } from "./chips";
import { EventForm } from "./EventForm";
import { OwnForm } from "./OwnForm";
import { OrdersForm, SpendForm } from "./RangeForms";
import { TimeForm } from "./TimeForm";

/** The small form behind a chip. */
export function FilterForm(
  props: FormProps & { kind: Kind; fields: OwnField[]; currencies: string[] },
) {
  const { kind, fields, currencies, ...form } = props;
  switch (kind) {
    case "newsletter":
      return <NewsletterForm {...form} />;
    case "tag":
      return <TagForm {...form} />;
    case "event":
      return <EventForm {...form} />;
    case "spend":
      return <SpendForm {...form} currencies={currencies} />;
    case "lastOrder":
      return <TimeForm {...form} leafKey="lastOrderAt" />;
    case "firstOrder":
      return <TimeForm {...form} leafKey="firstOrderAt" />;
    case "orders":
      return <OrdersForm {...form} />;
    case "registered":
      return <RegisteredForm {...form} />;
    case "domain":
      return <DomainForm {...form} />;
    case "segment":
      return <SegmentForm {...form} />;
    default: {
      const field = fields.find((one) => `field:${one.name}` === kind);
      return field ? <OwnForm {...form} field={field} /> : <TextOnly />;
    }
  }
}

const plain = (leaf: SegmentNode): Condition => ({ leaf, not: false });

const STATUSES = ["subscribed", "unsubscribed", "none"];

function NewsletterForm({ condition, apply }: FormProps) {
  const start = condition ? `${condition.not ? "!" : ""}${condition.leaf.marketing}` : "subscribed";
  const [chosen, choose] = useState(start);
  const not = chosen.startsWith("!");
  const data = STATUSES.flatMap((status) => [
    { value: status, label: consentText(status) },
    { value: `!${status}`, label: t("people.filter.not", { what: consentText(status) }) },
  ]);
  const leaf = { marketing: not ? chosen.slice(1) : chosen };
  return (
    <ChipForm says={{ leaf, not }} apply={apply}>
      <Choice label={t("people.filter.kinds.newsletter")} value={chosen} data={data} set={choose} />
    </ChipForm>
  );
}

const TAG_HOWS = ["has", "hasNot", "any", "none"] as const;
type TagHow = (typeof TAG_HOWS)[number];

function tagHowOf({ leaf, not }: Condition): TagHow {
  if ("tag" in leaf) return not ? "hasNot" : "has";
  return (leaf.tagged === true) !== not ? "any" : "none";
}

function TagForm({ condition, apply }: FormProps) {
  const labels = useTagLabels();
  const known = condition?.leaf.tag;
  const [how, setHow] = useState<TagHow>(condition ? tagHowOf(condition) : "has");
  const [typed, setTyped] = useState<string | null>(null);
  const tag = typed ?? (known === undefined ? "" : (labels.get(String(known)) ?? String(known)));
  const named = how === "has" || how === "hasNot";
  const says = named
    ? tag.trim()
      ? { leaf: { tag: tagId(tag) }, not: how === "hasNot" }
      : null
    : plain({ tagged: how === "any" });
  return (
    <ChipForm says={says} apply={apply}>
      <Choice
        label={t("people.filter.compared")}
        value={how}
        data={TAG_HOWS.map((value) => ({ value, label: t(`people.filter.tagHow.${value}`) }))}
        set={(value) => setHow(value as TagHow)}
      />
      {named && (
        <Autocomplete
          label={t("people.filter.kinds.tag")}
          data={[...new Set(labels.values())]}
          value={tag}
          onChange={setTyped}
          limit={20}
          comboboxProps={{ withinPortal: false }}
        />
      )}
    </ChipForm>
  );
}

function RegisteredForm({ condition, apply }: FormProps) {
  const start = condition ? (condition.leaf.registered === true) !== condition.not : true;
  const [yes, setYes] = useState(start);
  return (
    <ChipForm says={plain({ registered: yes })} apply={apply}>
      <Choice
        label={t("people.filter.kinds.registered")}
        value={String(yes)}
        data={[
          { value: "true", label: t("people.filter.yes") },
          { value: "false", label: t("people.filter.no") },
        ]}
        set={(value) => setYes(value === "true")}
      />
    </ChipForm>
  );
}

function DomainForm({ condition, apply }: FormProps) {
  const [domain, setDomain] = useState(String(condition?.leaf.emailDomain ?? ""));
  const asked = domain.trim().replace(/^@/, "");
  const says = asked ? { leaf: { emailDomain: asked }, not: condition?.not ?? false } : null;
  return (
    <ChipForm says={says} apply={apply}>
      <TextInput
        label={t("people.filter.kinds.domain")}
        placeholder="acme.com"
        value={domain}
        onChange={(event) => setDomain(event.currentTarget.value)}
        data-autofocus
      />
    </ChipForm>
  );
}

function SegmentForm({ condition, apply }: FormProps) {
  const saved = useSegments().data ?? [];
  const [chosen, setChosen] = useState<string | null>(
    condition ? String(condition.leaf.segment) : null,
  );
  const id = chosen ?? saved[0]?.segmentId ?? "";
  const says = id ? { leaf: { segment: id }, not: condition?.not ?? false } : null;
  return (
    <ChipForm says={says} apply={apply}>
      <Choice
        label={t("people.filter.kinds.segment")}
        value={id}
        data={saved.map((one) => ({ value: one.segmentId, label: one.name }))}
        set={setChosen}
      />
    </ChipForm>
  );
}
