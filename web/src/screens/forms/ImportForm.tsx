import {
  Alert,
  Button,
  Group,
  NativeSelect,
  Stack,
  Table,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useMemo, useState } from "react";
import { refusalOf } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { ask, type Imported } from "../../api/imports";
import { useOwnFields } from "../../api/ownFields";
import { useBackend } from "../../backend";
import { number } from "../../format";
import { Card } from "../../ui/Card";
import { ErrorNotice } from "../../ui/PageParts";
import { t } from "../../words";
import {
  convertedOf,
  isStatus,
  MEANINGS,
  type Meaning,
  MOST_WORDS,
  meaningsOf,
  STATUSES,
  type StatusWord,
  wordsIn,
  wrongMeanings,
} from "./columns";
import { csvOf, isFilled } from "./csv";
import { bytesOf, MOST_BYTES } from "./decoding";
import type { List } from "./ListInput";
import { Report } from "./Report";

/** What was asked of the server, with what it answered: a list as it was sent, and what became of it. */
interface Tried {
  csv: string;
  dates: number;
  tags: number;
  silent: number;
  answer: Imported;
}

const FEW = 3;

/** A list that was read: what its columns mean, where it comes from, what would be done, and doing it. */
export function ImportForm({ list, done }: { list: List; done: (answer: Imported) => void }) {
  const backend = useBackend();
  const { table } = list;
  const fields = useOwnFields().filter((one) => one.writable);
  const [own, setOwn] = useState<Meaning[] | null>(null);
  const meanings = own ?? meaningsOf(table.header, fields);
  const [statuses, setStatuses] = useState<Record<string, StatusWord>>({});
  const [source, setSource] = useState("");
  const [evidence, setEvidence] = useState("");
  const [tried, setTried] = useState<Tried | null>(null);
  const [pressed, setPressed] = useState(false);
  const column = meanings.indexOf("status");
  const words = useMemo(() => (column < 0 ? [] : wordsIn(table, column)), [table, column]);
  const claims = words.some(({ word }) => (statuses[word] ?? word) === "subscribed");
  const wrong = wrongMeanings(meanings);
  const stopped = wrong.missing || wrong.twice.length > 0;
  const preview = useDeed({
    work: async (): Promise<Tried> => {
      const { rows, ...counts } = convertedOf(table, meanings, statuses);
      const csv = csvOf(rows);
      if (bytesOf(csv) > MOST_BYTES) throw new Error(t("forms.unreadable.too-large"));
      const answer = await ask(backend, "import_contacts", { csv, dryRun: true });
      return { csv, ...counts, answer };
    },
    onSuccess: setTried,
  });
  const take = useDeed({
    work: (csv: string) =>
      ask(backend, "import_contacts", {
        csv,
        source: source.trim(),
        evidence: evidence.trim() || null,
      }),
    onSuccess: done,
  });
  const anew = () => {
    setTried(null);
    preview.reset();
    take.reset();
  };
  const reason = take.error && refusalOf(take.error).reason;
  const sourceLacks = (pressed && !source.trim()) || reason === "source-missing";
  const evidenceLacks = (pressed && claims && !evidence.trim()) || reason === "evidence-missing";
  const begin = () => {
    setPressed(true);
    if (tried && source.trim() && (!claims || evidence.trim())) take.run(tried.csv);
  };
  const report = tried?.answer.report;
  const many = report ? report.rows - report.errorCount - report.duplicates : 0;
  return (
    <>
      <Card title={t("forms.columns.title")}>
        <Columns
          list={list}
          meanings={meanings}
          fields={fields}
          choose={(at, meaning) => {
            setOwn(meanings.map((one, place) => (place === at ? meaning : one)));
            anew();
          }}
        />
        {stopped && (
          <Alert color="red" role="alert">
            {wrong.missing ? t("forms.columns.noEmail") : t("forms.columns.twice")}
          </Alert>
        )}
        {column >= 0 && (
          <Words
            words={words}
            statuses={statuses}
            choose={(next) => {
              setStatuses(next);
              anew();
            }}
          />
        )}
        <Group>
          <Button loading={preview.isPending} disabled={stopped} onClick={() => preview.run()}>
            {t("forms.import.preview")}
          </Button>
        </Group>
        {preview.error && <ErrorNotice error={preview.error} />}
      </Card>
      {tried && report && (
        <Card title={t("forms.import.previewTitle")}>
          <Report report={report} would />
          <Changed tried={tried} />
          <TextInput
            label={t("forms.import.source")}
            description={t("forms.import.sourceHint")}
            withAsterisk
            maxLength={200}
            maw={520}
            value={source}
            error={sourceLacks && t("forms.refused.source-missing")}
            onChange={(event) => setSource(event.currentTarget.value)}
          />
          <Textarea
            label={t("forms.import.evidence")}
            description={t(claims ? "forms.import.evidenceNeeded" : "forms.import.evidenceHint")}
            withAsterisk={claims}
            autosize
            maxLength={1000}
            maw={520}
            value={evidence}
            error={evidenceLacks && t("forms.refused.evidence-missing")}
            onChange={(event) => setEvidence(event.currentTarget.value)}
          />
          {take.error && <ErrorNotice error={take.error} />}
          <Group>
            <Button loading={take.isPending} disabled={many === 0} onClick={begin}>
              {t("forms.import.begin", { count: many })}
            </Button>
          </Group>
          <Text size="sm" c="dimmed">
            {t("forms.import.canUndo")}
          </Text>
        </Card>
      )}
    </>
  );
}

/** What was changed in a list so that it is understood. */
function Changed({ tried: { dates, tags, silent } }: { tried: Tried }) {
  return (
    <>
      {dates > 0 && <Text size="sm">{t("forms.changed.dates", { count: dates })}</Text>}
      {tags > 0 && <Text size="sm">{t("forms.changed.tags", { count: tags })}</Text>}
      {silent > 0 && <Text size="sm">{t("forms.changed.silent", { count: silent })}</Text>}
    </>
  );
}

function Columns(props: {
  list: List;
  meanings: Meaning[];
  fields: { name: string; label: string }[];
  choose: (at: number, meaning: Meaning) => void;
}) {
  const { header, rows } = props.list.table;
  const first = rows.filter(isFilled).slice(0, FEW);
  const choices = [
    { value: "", label: t("forms.columns.leave") },
    ...MEANINGS.map((one) => ({ value: one as string, label: t(`forms.means.${one}`) })),
    ...props.fields.map((one) => ({ value: `field:${one.name}`, label: one.label })),
  ];
  return (
    <Table.ScrollContainer minWidth={280} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="xs" aria-label={t("forms.columns.title")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("forms.columns.column")}</Table.Th>
            <Table.Th visibleFrom="sm">{t("forms.columns.first")}</Table.Th>
            <Table.Th>{t("forms.columns.means")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {header.map((head, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: columns may have one name
            <Table.Tr key={at}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                <Text fw={600} size="sm">
                  {head || t("forms.columns.number", { number: number(at + 1) })}
                </Text>
              </Table.Td>
              <Table.Td visibleFrom="sm">
                <Text size="sm" c="dimmed">
                  {first
                    .map((row) => (row[at] ?? "").slice(0, 60))
                    .filter((cell) => cell.trim())
                    .join(" · ")}
                </Text>
              </Table.Td>
              <Table.Td>
                <NativeSelect
                  aria-label={t("forms.columns.meansNamed", { name: head || number(at + 1) })}
                  miw={140}
                  value={props.meanings[at] ?? ""}
                  onChange={(event) => props.choose(at, event.currentTarget.value || null)}
                  data={choices}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** What the words of a status mean, where they are not those that are understood. Nothing is guessed. */
function Words(props: {
  words: { word: string; count: number }[];
  statuses: Record<string, StatusWord>;
  choose: (statuses: Record<string, StatusWord>) => void;
}) {
  const foreign = props.words.filter(({ word }) => !isStatus(word));
  if (!foreign.length) return null;
  if (foreign.length > MOST_WORDS) {
    return <Alert color="yellow">{t("forms.status.tooMany", { count: foreign.length })}</Alert>;
  }
  const labels = {
    subscribed: t("shared.subscribed"),
    unsubscribed: t("shared.unsubscribed"),
    none: t("shared.notSubscribed"),
  };
  return (
    <Stack gap="xs">
      <Text size="sm">{t("forms.status.what")}</Text>
      {foreign.map(({ word, count }) => (
        <NativeSelect
          key={word}
          label={t("forms.status.word", { word, count })}
          maw={420}
          value={props.statuses[word] ?? ""}
          onChange={(event) => {
            const { [word]: _, ...others } = props.statuses;
            const next = event.currentTarget.value as StatusWord | "";
            props.choose(next ? { ...others, [word]: next } : others);
          }}
          data={[
            { value: "", label: t("forms.status.choose") },
            ...STATUSES.map((one) => ({ value: one, label: labels[one] })),
          ]}
        />
      ))}
    </Stack>
  );
}
