import { Group, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useCounts } from "../../api/reports";
import { DIGITS } from "../../currencies";
import { money, number, percent } from "../../format";
import { Card } from "../../ui/Card";
import { ErrorNotice } from "../../ui/PageParts";
import { peopleOf } from "../../ui/periods";
import { t } from "../../words";
import { Hint, NumberTable, SaveTable } from "./Parts";
import { boundsOf, GROUPS, segmentOf, USUAL } from "./rfm";

const FIELDS = ["recent", "gone", "often", "spend"] as const;

type Typed = Parameters<typeof boundsOf>[0];

function typedIn(params: URLSearchParams): Typed {
  const said = (name: keyof Typed, usual: string) => params.get(name) ?? usual;
  return {
    recent: said("recent", String(USUAL.recent)),
    gone: said("gone", String(USUAL.gone)),
    often: said("often", String(USUAL.often)),
    spend: said("spend", ""),
    currency: said("currency", "EUR"),
  };
}

/** People in groups by when they ordered last, how often, and how much they spent. */
export function Rfm() {
  const [params, setParams] = useSearchParams();
  const asked = typedIn(params);
  const [typed, setTyped] = useState(asked);
  const bounds = boundsOf(asked) ?? USUAL;
  const wrong = boundsOf(typed) === null;
  const write = (changes: Partial<Typed>) => {
    const next = { ...typed, ...changes };
    setTyped(next);
    if (boundsOf(next)) setParams({ tab: "rfm", ...next }, { replace: true });
  };
  const groups = GROUPS.map((group) => ({ group, segment: segmentOf(group, bounds) }));
  const { counts, error, refetch } = useCounts(groups.map((one) => one.segment));
  const known = counts.flatMap((count) => (count === undefined ? [] : [count]));
  const all = known.length === groups.length ? known.reduce((sum, one) => sum + one, 0) : null;
  const said = {
    recent: number(bounds.recent),
    gone: number(bounds.gone),
    often: number(bounds.often),
    spend: bounds.spend ? money(bounds.spend.minor, bounds.spend.currency) : "",
  };
  const file = () => [
    [t("reports.rfm.group"), t("reports.rfm.people"), t("reports.rfm.segment")],
    ...groups.map(({ group, segment }, at) => [
      t(`reports.rfm.groups.${group}`),
      counts[at] ?? null,
      segment,
    ]),
  ];
  return (
    <Stack>
      <Group align="end">
        {FIELDS.map((name) => (
          <TextInput
            key={name}
            label={t(`reports.rfm.${name}`)}
            inputMode="numeric"
            autoComplete="off"
            maxLength={12}
            w={170}
            value={typed[name]}
            onChange={(event) => write({ [name]: event.currentTarget.value })}
          />
        ))}
        <NativeSelect
          label={t("reports.currency")}
          data={Object.keys(DIGITS)}
          value={typed.currency}
          onChange={(event) => write({ currency: event.currentTarget.value })}
        />
      </Group>
      {wrong && (
        <Text size="sm" c="red" role="alert">
          {t("reports.rfm.wrong")}
        </Text>
      )}
      {error && <ErrorNotice error={error} retry={refetch} />}
      <Card title={t("reports.rfm.title")} action={<SaveTable name="rfm" rows={file} />}>
        <Hint>{t("reports.rfm.hint")}</Hint>
        <NumberTable
          name={t("reports.rfm.title")}
          head={[t("reports.rfm.group"), t("reports.rfm.people"), t("reports.rfm.share")]}
          lines={groups.map(({ group, segment }, at) => ({
            key: group,
            name: (
              <>
                <Link className="link" to={peopleOf(segment)}>
                  {t(`reports.rfm.groups.${group}`)}
                </Link>
                <Text size="sm">
                  {bounds.spend && group === "champions"
                    ? t("reports.rfm.says.championsWho", said)
                    : t(`reports.rfm.says.${group}`, said)}
                </Text>
                <Text size="sm">
                  <Link
                    to={`/segments/new?${new URLSearchParams({ segment })}`}
                    aria-label={t("reports.rfm.saveOf", {
                      group: t(`reports.rfm.groups.${group}`),
                    })}
                  >
                    {t("reports.rfm.save")}
                  </Link>
                </Text>
                <Share part={counts[at]} whole={all} />
              </>
            ),
            cells: [
              { key: "people", shown: <Count count={counts[at]} /> },
              {
                key: "share",
                shown: all === null ? "" : percent(counts[at] ?? 0, all),
              },
            ],
          }))}
        />
      </Card>
    </Stack>
  );
}

function Count({ count }: { count: number | undefined }) {
  if (count === undefined) return <span aria-busy="true">…</span>;
  return <>{number(count)}</>;
}

/** A share as a bar; the numbers stand beside it. */
function Share({ part = 0, whole }: { part?: number; whole: number | null }) {
  const width = whole ? `${(100 * part) / whole}%` : 0;
  return (
    <div aria-hidden className="share">
      <div style={{ width }} />
    </div>
  );
}
