import { Select, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call, type Refused, refusalOf } from "../../api/calls";
import { useSegments } from "../../api/queries";
import { useBackend } from "../../backend";
import { inWords } from "../../segments/describe";
import { THIS_EVENT } from "../../segments/names";
import { SegmentInput } from "../../segments/SegmentInput";
import { Warnings } from "../../ui/Warnings";
import { t } from "../../words";
import { savedId, savedText } from "./draft";
import { useRuleNames } from "./sentences";

const EVERYBODY = "everybody";
const CONDITIONS = "conditions";
const CAME = `attended:${THIS_EVENT}`;
const MISSED = `no_show:${THIS_EVENT}`;

/** A segment of a rule: a saved one, conditions as text, or one of the usual answers. */
export function SegmentField(props: {
  label: string;
  text: string;
  change: (text: string) => void;
  /** Whether everybody can be meant: no text is everybody then. */
  everybody?: boolean;
  /** Whether it may be about the event for which the rule acts. */
  ofEvent?: boolean;
  error?: string;
}) {
  const { text } = props;
  const saved = useSegments().data ?? [];
  const [writing, setWriting] = useState(false);
  const id = savedId(text);
  const usual = [
    ...(props.everybody ? [{ value: EVERYBODY, label: t("rules.segment.everybody") }] : []),
    ...(props.ofEvent
      ? [
          { value: CAME, label: t("rules.segment.came") },
          { value: MISSED, label: t("rules.segment.missed") },
        ]
      : []),
    { value: CONDITIONS, label: t("rules.segment.conditions") },
  ];
  const plain = props.everybody && !text ? EVERYBODY : CONDITIONS;
  const named = id !== null ? savedText(id) : usual.find((one) => one.value === text)?.value;
  const way = writing ? CONDITIONS : (named ?? plain);
  const choose = (next: string | null) => {
    if (!next) return;
    setWriting(next === CONDITIONS);
    if (next === EVERYBODY) props.change("");
    else if (next !== CONDITIONS) props.change(next);
  };
  const known = id === null || saved.some((one) => one.segmentId === id);
  const gone = known || id === null ? [] : [{ value: savedText(id), label: id }];
  return (
    <Stack gap="xs">
      <Select
        label={props.label}
        maw={420}
        searchable
        allowDeselect={false}
        value={way}
        onChange={choose}
        nothingFoundMessage={t("rules.segment.none")}
        error={way === CONDITIONS ? undefined : props.error}
        data={[
          ...usual,
          {
            group: t("rules.segment.saved"),
            items: [
              ...saved.map((one) => ({ value: savedText(one.segmentId), label: one.name })),
              ...gone,
            ],
          },
        ]}
      />
      <Understood {...props} conditions={way === CONDITIONS} />
    </Stack>
  );
}

/** What is written, in words; what is wrong with it stands at its place. */
function Understood(props: {
  text: string;
  change: (text: string) => void;
  ofEvent?: boolean;
  conditions: boolean;
  error?: string;
}) {
  const backend = useBackend();
  const [asked] = useDebouncedValue(props.text.trim(), 300);
  const counted = useQuery({
    queryKey: ["count", asked],
    queryFn: () => call(backend, "count_segment", { segment: asked }),
    enabled: asked !== "",
    placeholderData: keepPreviousData,
    retry: false,
  });
  const current = asked === props.text.trim() && !counted.isPlaceholderData;
  const told = current && asked && !counted.error ? counted.data : undefined;
  const wrong: Refused | null = current && counted.error ? refusalOf(counted.error) : null;
  const names = useRuleNames(told ? [told.segment] : []);
  const warnings = told?.warnings?.filter(({ name }) => !props.ofEvent || name !== THIS_EVENT);
  return (
    <>
      {props.conditions && (
        <SegmentInput
          label={t("rules.segment.text")}
          value={props.text}
          onChange={props.change}
          error={wrong}
          rows={2}
        />
      )}
      {props.conditions && props.error && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {props.error}
        </Text>
      )}
      {!props.conditions && wrong && <Text role="alert">{wrong.message}</Text>}
      {told && props.conditions && <Text size="sm">{inWords(told.segment, names)}</Text>}
      <Warnings warnings={warnings} />
    </>
  );
}
