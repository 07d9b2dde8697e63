import { Fieldset, Group, NativeSelect, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { tagId, useTagLabels } from "../../api/queries";
import { useDrafts } from "../../api/rules";
import { number, ZONE } from "../../format";
import { t } from "../../words";
import {
  BOUNDS,
  type Counted,
  countOf,
  type Draft,
  type Field,
  KINDS,
  type Kind,
  type Once,
  onceOf,
} from "./draft";
import { SegmentField } from "./SegmentField";

type Change = (part: Partial<Draft>) => void;

/** What is said at which field: what a refusal is about, and what is still to be filled in. */
export type Said = Partial<Record<Field | "only", string>>;

interface Parts {
  draft: Draft;
  change: Change;
  said: Said;
}

/** A rule in rows that read like a sentence. */
export function RuleForm({ draft, change, said }: Parts) {
  return (
    <Stack>
      <TextInput
        label={t("rules.name")}
        maxLength={100}
        maw={520}
        value={draft.name}
        error={said.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <When draft={draft} change={change} said={said} />
      <Fieldset legend={t("rules.parts.only")}>
        <SegmentField
          label={t("rules.onlyWho")}
          text={draft.only}
          change={(only) => change({ only })}
          everybody
          ofEvent={draft.kind === "eventEnded"}
          error={said.only}
        />
        <Hint>{t("rules.onlyHint")}</Hint>
      </Fieldset>
      <Often draft={draft} change={change} said={said} />
      <Then draft={draft} change={change} said={said} />
      <Fieldset legend={t("rules.parts.most")}>
        <Count
          field="most"
          label={t("rules.mostPeople")}
          unit={t("rules.people")}
          draft={draft}
          change={change}
          said={said}
        />
        <Hint>{t("rules.mostHint")}</Hint>
      </Fieldset>
    </Stack>
  );
}

const Hint = ({ children }: { children: ReactNode }) => (
  <Text size="sm" c="dimmed" mt="xs">
    {children}
  </Text>
);

/** A number within a sentence: it stands there as it is typed. */
function Count(props: Parts & { field: Counted; label: string; unit: string }) {
  const { field, draft } = props;
  const [low, high] = BOUNDS[field];
  const wrong = draft[field] !== "" && countOf(draft, field) === null;
  return (
    <TextInput
      label={props.label}
      inputMode="numeric"
      autoComplete="off"
      maxLength={20}
      w={220}
      rightSection={<Text size="sm">{props.unit}</Text>}
      rightSectionWidth={90}
      value={draft[field]}
      error={wrong ? t("rules.whole", { low: number(low), high: number(high) }) : props.said[field]}
      onChange={(event) => props.change({ [field]: event.currentTarget.value })}
    />
  );
}

function When(props: Parts) {
  const { draft, change, said } = props;
  return (
    <Fieldset legend={t("rules.parts.when")}>
      <Stack gap="sm">
        <NativeSelect
          label={t("rules.whenWhat")}
          maw={420}
          value={draft.kind}
          onChange={(event) => change({ kind: event.currentTarget.value as Kind })}
          data={KINDS.map((kind) => ({ value: kind, label: t(`rules.kinds.${kind}`) }))}
        />
        {draft.kind === "enters" && (
          <SegmentField
            label={t("rules.entersWhat")}
            text={draft.enters}
            change={(enters) => change({ enters })}
            error={said.enters}
          />
        )}
        {draft.kind === "eventEnded" && (
          <Group align="flex-start">
            <Count
              {...props}
              field="eventDays"
              label={t("rules.eventDays")}
              unit={t("rules.days")}
            />
            <TextInput
              type="time"
              w={220}
              label={t("rules.at", { zone: ZONE })}
              value={draft.at}
              error={said.at}
              onChange={(event) => change({ at: event.currentTarget.value })}
            />
          </Group>
        )}
        {draft.kind === "sinceLastOrder" && (
          <Count {...props} field="orderDays" label={t("rules.orderDays")} unit={t("rules.days")} />
        )}
      </Stack>
      <Hint>{t(`rules.hints.${draft.kind}`)}</Hint>
    </Fieldset>
  );
}

function Often(props: Parts) {
  const { draft, change } = props;
  const kinds: Once[] = draft.kind === "eventEnded" ? ["ever", "event", "days"] : ["ever", "days"];
  const once = onceOf(draft);
  return (
    <Fieldset legend={t("rules.parts.once")}>
      <Group align="flex-start">
        <NativeSelect
          label={t("rules.onceHow")}
          w={320}
          value={once}
          onChange={(event) => change({ once: event.currentTarget.value as Once })}
          data={kinds.map((one) => ({ value: one, label: t(`rules.once.${one}`) }))}
        />
        {once === "days" && (
          <Count {...props} field="onceDays" label={t("rules.onceDays")} unit={t("rules.days")} />
        )}
      </Group>
    </Fieldset>
  );
}

function Then({ draft, change, said }: Parts) {
  return (
    <Fieldset legend={t("rules.parts.then")}>
      <Stack gap="sm">
        <NativeSelect
          label={t("rules.thenWhat")}
          maw={420}
          value={draft.does}
          onChange={(event) => change({ does: event.currentTarget.value as Draft["does"] })}
          data={(["tags", "send"] as const).map((one) => ({
            value: one,
            label: t(`rules.then.${one}`),
          }))}
        />
        {draft.does === "tags" ? (
          <Tags draft={draft} change={change} said={said} />
        ) : (
          <Send draft={draft} change={change} said={said} />
        )}
      </Stack>
    </Fieldset>
  );
}

function Tags({ draft, change, said }: Parts) {
  const labels = useTagLabels();
  const shared = {
    data: [...labels.values()],
    acceptValueOnBlur: true,
    openOnFocus: false,
    limit: 6,
    maw: 520,
  };
  return (
    <>
      <TagsInput
        {...shared}
        label={t("rules.addTags")}
        value={draft.addTags}
        error={said.tags}
        onChange={(addTags) => change({ addTags })}
      />
      <TagsInput
        {...shared}
        label={t("rules.removeTags")}
        value={draft.removeTags.map((tag) => labels.get(tag) ?? tag)}
        onChange={(tags) => change({ removeTags: tags.map(tagId) })}
      />
    </>
  );
}

function Send({ draft, change, said }: Parts) {
  const drafts = useDrafts();
  const gone = drafts && draft.send && !drafts.some((one) => one.campaignId === draft.send);
  return (
    <>
      <NativeSelect
        label={t("rules.draft")}
        maw={420}
        value={draft.send ?? ""}
        error={gone ? t("rules.refused.template-gone") : said.send}
        onChange={(event) => change({ send: event.currentTarget.value || null })}
        data={[
          { value: "", label: t("rules.chooseDraft") },
          ...(drafts ?? []).map((one) => ({ value: one.campaignId, label: one.name })),
          ...(gone ? [{ value: draft.send ?? "", label: t("rules.draftGone") }] : []),
        ]}
      />
      <Text size="sm">
        {draft.send && !gone && (
          <>
            <Link to={`/campaigns/${draft.send}`}>{t("rules.openDraft")}</Link> ·{" "}
          </>
        )}
        <Link to="/campaigns/new">{t("rules.newDraft")}</Link>
      </Text>
      <Hint>{t("rules.sendHint")}</Hint>
    </>
  );
}
