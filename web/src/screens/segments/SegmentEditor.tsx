import { Grid, Group, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { call, refusalOf } from "../../api/calls";
import { isDocumentId } from "../../api/ids";
import { useDocument } from "../../api/live";
import type { Counted, Segment, SegmentNode } from "../../api/types";
import { useBackend } from "../../backend";
import { useCustomers } from "../../people/asking";
import { PeopleList } from "../../people/PeopleList";
import { NEWEST } from "../../people/sorting";
import { filled } from "../../segments/builder";
import { begun, built, type Editing, followed, written } from "../../segments/editing";
import { SegmentInput } from "../../segments/SegmentInput";
import { useMay } from "../../session";
import { Card } from "../../ui/Card";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { Builder } from "./Builder";
import { DownloadButton, FOR_EXCEL, FOR_MAIL_TOOLS } from "./DownloadButton";
import { Matching } from "./Matching";
import { SaveForm } from "./SaveForm";

const NEW = "new";

export default function SegmentEditor() {
  const { segmentId = NEW } = useParams();
  const [params] = useSearchParams();
  const [loaded, setLoaded] = useState(0);
  const saved = useDocument<Segment>(
    segmentId !== NEW && isDocumentId(segmentId) ? `crmSegments/${segmentId}` : null,
    "segmentId",
  );
  if (segmentId === NEW) {
    const text = params.get("segment");
    const start = text ? begun(text, null) : begun("everyone", {});
    return <Editor key={`${NEW} ${text}`} saved={null} start={start} reload={() => {}} />;
  }
  if (!isDocumentId(segmentId)) return <Gone />;
  if (saved.error) return <ErrorNotice error={saved.error} />;
  if (saved.data === undefined) return <LoadingRows />;
  if (saved.data === null) return <Gone />;
  return (
    <Editor
      key={`${segmentId} ${loaded}`}
      saved={saved.data}
      start={begun(saved.data.text, saved.data.segment)}
      reload={() => setLoaded(loaded + 1)}
    />
  );
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

/** A question in both of its forms, and the answer to it. */
function useAnswer(start: Editing) {
  const backend = useBackend();
  const [editing, setEditing] = useState(start);
  const { draft } = editing;
  const [asked] = useDebouncedValue(draft, 300);
  const segment = "text" in asked ? asked.text.trim() || "everyone" : asked.node;
  const counted = useQuery({
    queryKey: ["count", segment],
    queryFn: () => call<Counted>(backend, "count_segment", { segment }),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const told = counted.data;
  const understood = told && !counted.isPlaceholderData && !counted.error ? told : null;
  const done = useRef<unknown>(null);
  useEffect(() => {
    if (!understood || done.current === asked) return;
    done.current = asked;
    setEditing((now) => followed(now, asked, understood));
  }, [understood, asked]);
  const refused = counted.error && draft === asked ? refusalOf(counted.error) : null;
  return {
    editing,
    setEditing,
    told,
    /** The answer to what is asked now. */
    known: draft === asked ? understood : null,
    refused,
    counting: counted.isFetching || draft !== asked,
  };
}

function Editor(props: { saved: Segment | null; start: Editing; reload: () => void }) {
  const { saved } = props;
  const editor = useMay("editor");
  const { editing, setEditing, told, known, refused, counting } = useAnswer(props.start);
  const { text, simple, draft } = editing;
  const complete = simple?.rows.every((row) => filled(row.leaf)) ?? true;
  const ready = complete ? (known?.text ?? null) : null;
  const [whole, setWhole] = useState(false);
  return (
    <>
      <PageHead title={saved ? saved.name : "New segment"}>
        {editor && (
          <Group gap="xs">
            <DownloadButton segment={ready} {...FOR_EXCEL} />
            <DownloadButton segment={ready} {...FOR_MAIL_TOOLS} />
          </Group>
        )}
      </PageHead>
      <Grid>
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack>
            <Card title="Builder">
              {simple ? (
                <Builder
                  simple={simple}
                  build={(next) => setEditing((now) => built(now, next))}
                  but={saved?.segmentId}
                />
              ) : told || refused ? (
                <Text>
                  This question has groups inside each other: edit it as text. The builder shows
                  lists of conditions.
                </Text>
              ) : (
                <LoadingRows count={2} />
              )}
              {!complete && (
                <Text size="sm" c="dimmed" role="status">
                  A condition is not filled in yet, and asks for nothing until it is.
                </Text>
              )}
            </Card>
            <Card title="Text">
              <SegmentInput
                label="The same question as text"
                value={text}
                onChange={(next) => setEditing((now) => written(now, next))}
                error={"text" in draft ? refused : null}
                rows={3}
              />
              {"node" in draft && refused && <ErrorNotice error={refused} />}
            </Card>
            {editor && <SaveForm saved={saved} text={ready} reload={props.reload} />}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Matching
            told={told}
            current={known !== null}
            counting={counting}
            refused={refused !== null}
            showAll={whole ? null : () => setWhole(true)}
          />
        </Grid.Col>
        {whole && known && (
          <Grid.Col span={12}>
            <Card title="All of them">
              <Everybody segment={known.segment} count={known.count} />
            </Card>
          </Grid.Col>
        )}
      </Grid>
    </>
  );
}

/** The people of the question in their order. */
function Everybody({ segment, count }: { segment: SegmentNode; count: number }) {
  const [sort, setSort] = useState(NEWEST);
  const asked = { kind: "segment", segment } as const;
  const list = useCustomers(asked, sort);
  return (
    <PeopleList asked={asked} sort={sort} setSort={setSort} list={list} count={count}>
      Ask another question.
    </PeopleList>
  );
}
