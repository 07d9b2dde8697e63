import { List, Loader, Select, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Trans } from "react-i18next";
import { Link } from "react-router";
import { call, type Refused, refusalOf } from "../../api/calls";
import type { Audience } from "../../api/campaigns";
import { useSegments } from "../../api/queries";
import type { SegmentNode } from "../../api/types";
import { useBackend } from "../../backend";
import { number } from "../../format";
import { InWords } from "../../segments/InWords";
import { SegmentInput } from "../../segments/SegmentInput";
import { Card } from "../../ui/Card";
import { Warnings } from "../../ui/Warnings";
import { t } from "../../words";
import { savedSegmentOf } from "./form";
import { whyInWords } from "./words";

const EVERYONE = "everyone";
const CONDITIONS = "conditions";

/** How many a segment has, and its text. */
function useCounted(segment: SegmentNode | string) {
  const backend = useBackend();
  const [asked] = useDebouncedValue(segment, 300);
  const question = typeof asked === "string" ? asked.trim() || EVERYONE : asked;
  const found = useQuery({
    queryKey: ["count", question],
    queryFn: () => call(backend, "count_segment", { segment: question }),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const current = asked === segment && !found.isPlaceholderData;
  return { ...found, told: current && !found.error ? found.data : undefined, current };
}

/** Who is to get a mail: a saved segment, or a question of its own. */
export function AudienceField(props: {
  segment: SegmentNode | string;
  change: (segment: SegmentNode | string) => void;
  disabled?: boolean;
  refused?: Refused | null;
}) {
  const { segment, change } = props;
  const saved = useSegments().data ?? [];
  const counted = useCounted(segment);
  const id = savedSegmentOf(segment);
  const everyone = typeof segment !== "string" && !Object.keys(segment).length;
  const way = id !== null ? `saved ${id}` : everyone ? EVERYONE : CONDITIONS;
  const text = typeof segment === "string" ? segment : (counted.told?.text ?? "");
  const choose = (next: string | null) => {
    if (!next || next === way) return;
    if (next === EVERYONE) change({});
    else if (next === CONDITIONS) change(counted.told?.text ?? EVERYONE);
    else change({ segment: next.slice("saved ".length) });
  };
  const wrong = counted.error && counted.current ? refusalOf(counted.error) : null;
  return (
    <Stack gap="xs">
      <Select
        label={t("campaigns.audience.who")}
        searchable
        allowDeselect={false}
        disabled={props.disabled}
        value={way}
        onChange={choose}
        nothingFoundMessage={t("campaigns.audience.noSegment")}
        data={[
          { value: EVERYONE, label: t("campaigns.audience.everyone") },
          { value: CONDITIONS, label: t("campaigns.audience.conditions") },
          {
            group: t("campaigns.audience.saved"),
            items: saved.map((one) => ({ value: `saved ${one.segmentId}`, label: one.name })),
          },
        ]}
      />
      {way === CONDITIONS && props.disabled && <Text ff="monospace">{text}</Text>}
      {way === CONDITIONS && !props.disabled && (
        <SegmentInput
          label={t("campaigns.audience.text")}
          value={text}
          onChange={change}
          error={props.refused ?? wrong}
          rows={2}
        />
      )}
      {way !== CONDITIONS && wrong && <Text role="alert">{wrong.message}</Text>}
      {id !== null && (
        <Text size="sm">
          <Link to={`/segments/${id}`}>{t("campaigns.audience.open")}</Link>
        </Text>
      )}
      <Text data-testid="matching" aria-live="polite">
        {counted.told ? t("shared.people", { count: counted.told.count }) : wrong ? "–" : "…"}{" "}
        {counted.isFetching && (
          <Loader size="xs" role="img" aria-label={t("campaigns.audience.counting")} />
        )}
      </Text>
      {counted.told && way === CONDITIONS && <InWords segment={counted.told.segment} />}
      {counted.told && <Warnings warnings={counted.told.warnings} />}
    </Stack>
  );
}

/** How many of an audience get the mail, and why the others do not. */
export function Reached({ audience }: { audience: Audience }) {
  const reasons = Object.entries(audience.excluded).sort(([, one], [, two]) => two - one);
  return (
    <Stack gap={4} data-testid="reached">
      <Text>
        <Trans
          i18nKey="campaigns.audience.reached"
          values={{ matched: number(audience.matched), reachable: number(audience.reachable) }}
          components={{ strong: <strong /> }}
        />
      </Text>
      {reasons.length > 0 && (
        <List size="sm" aria-label={t("campaigns.audience.why")}>
          {reasons.map(([reason, count]) => (
            <List.Item key={reason}>
              {number(count)} {whyInWords(reason)}
            </List.Item>
          ))}
        </List>
      )}
    </Stack>
  );
}

export function AudienceCard(props: {
  segment: SegmentNode | string;
  change: (segment: SegmentNode | string) => void;
  fixed?: boolean;
  refused: Refused | null;
  /** Of what is saved, once it is known. */
  audience: Audience | null;
}) {
  return (
    <Card title={t("campaigns.audience.title")}>
      {props.fixed && <Text size="sm">{t("campaigns.audience.fixed")}</Text>}
      <AudienceField
        segment={props.segment}
        change={props.change}
        disabled={props.fixed}
        refused={props.refused}
      />
      {props.audience && <Reached audience={props.audience} />}
    </Card>
  );
}
