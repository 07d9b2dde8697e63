import {
  Button,
  Grid,
  Group,
  Loader,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconDownload, IconPlus } from "@tabler/icons-react";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { doc } from "firebase/firestore";
import { useEffect, useRef, useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { call, download, refusalOf, saveFile } from "../../api/calls";
import { useDocument } from "../../api/live";
import { useEvents, useSegments, useTagLabels } from "../../api/queries";
import type { Counted, CustomersPage, Segment, SegmentNode } from "../../api/types";
import { useBackend } from "../../backend";
import { plural } from "../../format";
import { filled, KINDS, nodeOf, rowOf, rowsOf, type Simple } from "../../segments/builder";
import { inWords } from "../../segments/describe";
import { SegmentInput } from "../../segments/SegmentInput";
import { useMay } from "../../session";
import { Card } from "../../ui/Card";
import { CustomerLink } from "../../ui/CustomerCells";
import { notifyDone, notifyError } from "../../ui/notify";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { Condition } from "./Condition";

const NEW = "new";
const SAMPLE = 5;

export default function SegmentEditor() {
  const { firestore } = useBackend();
  const { segmentId = NEW } = useParams();
  const saved = useDocument<Segment>(
    segmentId === NEW ? null : doc(firestore, "crmSegments", segmentId),
    "segmentId",
  );
  if (segmentId === NEW) return <Editor key={NEW} saved={null} />;
  if (saved.error) return <ErrorNotice error={saved.error} />;
  if (saved.data === undefined) return <LoadingRows />;
  if (saved.data === null) return <Gone />;
  return <Editor key={segmentId} saved={saved.data} />;
}

function Gone() {
  return (
    <>
      <PageHead title="Segment" />
      <EmptyNotice title="There is no such segment any more.">
        <Link to="/segments">All segments</Link>
      </EmptyNotice>
    </>
  );
}

/** What was asked last, in the form in which it was written: as text, or by the builder. */
type Draft = { text: string } | { node: SegmentNode };

function Editor({ saved }: { saved: Segment | null }) {
  const backend = useBackend();
  const editor = useMay("editor");
  const [text, setText] = useState(saved?.text ?? "everyone");
  const [simple, setSimple] = useState<Simple | null>(() => rowsOf(saved?.segment ?? {}));
  const [draft, setDraft] = useState<Draft>({ text });
  const [asked] = useDebouncedValue(draft, 300);
  const segment = "text" in asked ? asked.text.trim() || "everyone" : asked.node;
  const counted = useQuery({
    queryKey: ["count", segment],
    queryFn: () => call<Counted>(backend, "count_segment", { segment }),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const told = counted.data;
  const known = told && !counted.isPlaceholderData && !counted.error ? told : null;
  const followed = useRef<unknown>(null);
  useEffect(() => {
    // The form that was not written in follows the one that was, once that is understood.
    if (!known || draft !== asked || followed.current === asked) return;
    followed.current = asked;
    if ("text" in asked) setSimple(rowsOf(known.segment));
    else setText(known.text);
  }, [known, draft, asked]);
  const build = (next: Simple) => {
    setSimple(next);
    if (next.rows.every((row) => filled(row.leaf))) setDraft({ node: nodeOf(next) });
  };
  const write = (next: string) => {
    setText(next);
    setDraft({ text: next });
  };
  const refused = counted.error ? refusalOf(counted.error) : null;
  return (
    <>
      <PageHead title={saved ? saved.name : "New segment"}>
        {editor && (
          <Group gap="xs">
            <DownloadButton segment={known?.text ?? null} {...FOR_EXCEL} />
            <DownloadButton segment={known?.text ?? null} {...FOR_MAIL_TOOLS} />
          </Group>
        )}
      </PageHead>
      <Grid>
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack>
            <Card title="Builder">
              <Builder simple={simple} build={build} but={saved?.segmentId} />
            </Card>
            <Card title="Text">
              <SegmentInput
                label="The same question as text"
                value={text}
                onChange={write}
                error={"text" in draft ? refused : null}
                rows={3}
              />
              {"node" in draft && refused && <ErrorNotice error={refused} />}
            </Card>
            {editor && <SaveForm saved={saved} text={known?.text ?? null} />}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Card title="Who belongs">
            <Group gap="xs" aria-live="polite">
              <Text size="xl" fw={700} data-testid="count">
                {refused ? "–" : told ? plural(told.count, "customer") : "…"}
              </Text>
              {counted.isFetching && <Loader size="xs" role="img" aria-label="Counting" />}
            </Group>
            {told && !refused && <InWords segment={told.segment} />}
            {known && <Sample segment={known.segment} />}
          </Card>
        </Grid.Col>
      </Grid>
    </>
  );
}

function Builder(props: { simple: Simple | null; build: (next: Simple) => void; but?: string }) {
  const { simple, build } = props;
  const saved = (useSegments().data ?? []).filter((one) => one.segmentId !== props.but);
  if (!simple) {
    return (
      <Text>
        This question has groups inside each other: edit it as text. The builder shows lists of
        conditions.
      </Text>
    );
  }
  const { rows } = simple;
  return (
    <Stack>
      {rows.length > 1 && (
        <SegmentedControl
          aria-label="How conditions go together"
          value={simple.how}
          data={[
            { value: "all", label: "All of these" },
            { value: "any", label: "Any of these" },
          ]}
          onChange={(how) => build({ ...simple, how: how as Simple["how"] })}
        />
      )}
      {!rows.length && <Text>Everyone. Add a condition to ask for fewer.</Text>}
      {rows.map((row) => (
        <Condition
          key={row.key}
          row={row}
          saved={saved}
          change={(next) =>
            build({ ...simple, rows: rows.map((one) => (one.key === row.key ? next : one)) })
          }
          remove={() => build({ ...simple, rows: rows.filter((one) => one.key !== row.key) })}
        />
      ))}
      <Group>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => build({ ...simple, rows: [...rows, rowOf({ tag: KINDS.tag?.fresh })] })}
        >
          Add a condition
        </Button>
      </Group>
    </Stack>
  );
}

function InWords({ segment }: { segment: SegmentNode }) {
  const labels = useTagLabels();
  const events = useEvents().data ?? [];
  const saved = useSegments().data ?? [];
  const names = {
    tag: (id: string) => labels.get(id) ?? id,
    event: (id: string) => events.find((one) => one.eventId === id)?.name ?? id,
    segment: (id: string) => saved.find((one) => one.segmentId === id)?.name ?? id,
  };
  return <Text data-testid="words">{inWords(segment, names)}</Text>;
}

function Sample({ segment }: { segment: SegmentNode }) {
  const backend = useBackend();
  const found = useQuery({
    queryKey: ["customers", "sample", segment],
    queryFn: () => call<CustomersPage>(backend, "query_segment", { segment, pageSize: SAMPLE }),
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (!found.data?.customers.length) return null;
  return (
    <Stack gap="xs" aria-label="Some of them">
      <Text size="sm" c="dimmed">
        Some of them
      </Text>
      {found.data.customers.map((one) => (
        <CustomerLink key={one.customerId} customer={one} />
      ))}
    </Stack>
  );
}

function SaveForm({ saved, text }: { saved: Segment | null; text: string | null }) {
  const backend = useBackend();
  const go = useNavigate();
  const [name, setName] = useState(saved?.name ?? "");
  const [description, setDescription] = useState(saved?.description ?? "");
  const save = useMutation({
    mutationFn: () =>
      call<{ segmentId: string }>(backend, "save_segment", {
        name: name.trim(),
        segment: text,
        description: description.trim() || null,
        segmentId: saved?.segmentId ?? null,
      }),
    onSuccess: ({ segmentId }) => {
      notifyDone("The segment is saved.");
      go(`/segments/${segmentId}`);
    },
  });
  return (
    <Card title="Save">
      <TextInput
        label="Name"
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label="Description"
        maxLength={500}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      {save.error && <ErrorNotice error={save.error} />}
      <Group>
        <Button
          disabled={!name.trim() || text === null}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {saved ? "Save changes" : "Save segment"}
        </Button>
      </Group>
    </Card>
  );
}

interface Form {
  label: string;
  parameters: Record<string, string>;
}

/** Opens in columns by a double click, whatever the computer takes for the list separator. */
const FOR_EXCEL: Form = { label: "Newsletter list for Excel", parameters: { for: "excel" } };

const FOR_MAIL_TOOLS: Form = { label: "Newsletter list (CSV)", parameters: { bom: "true" } };

function DownloadButton({ segment, label, parameters }: Form & { segment: string | null }) {
  const backend = useBackend();
  const fetching = useMutation({
    mutationFn: async (text: string) => {
      const list = await download(backend, "export_segment_csv", { segment: text, ...parameters });
      saveFile(list, `newsletter-${new Date().toISOString().slice(0, 10)}.csv`);
    },
    onError: notifyError,
  });
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={16} aria-hidden />}
      disabled={segment === null}
      loading={fetching.isPending}
      onClick={() => segment !== null && fetching.mutate(segment)}
    >
      {label}
    </Button>
  );
}
