import { Grid, Stack, Tabs, Text } from "@mantine/core";
import { useState } from "react";
import { useSearchParams } from "react-router";
import type { Segment, SegmentNode } from "../../api/types";
import { useCustomers } from "../../people/asking";
import { PeopleList } from "../../people/PeopleList";
import { NEWEST } from "../../people/sorting";
import { isComplete } from "../../segments/builder";
import { DownloadButton } from "../../segments/DownloadButton";
import { built, type Editing, written } from "../../segments/editing";
import { Reach } from "../../segments/Reach";
import { useReach } from "../../segments/reach";
import { SegmentInput } from "../../segments/SegmentInput";
import { useMay } from "../../session";
import { BackLink } from "../../ui/BackLink";
import { Card } from "../../ui/Card";
import { ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { useAnswer } from "./answer";
import { Builder } from "./Builder";
import { History } from "./History";
import { Matching } from "./Matching";
import { SaveForm } from "./SaveForm";

const TABS = ["people", "conditions", "history"] as const;
type Tab = (typeof TABS)[number];

/** The tab that the address of the page says; a new segment has no people to begin with. */
function useTab(saved: boolean): [Tab, (tab: string | null) => void] {
  const [params, setParams] = useSearchParams();
  const usual = saved ? "people" : "conditions";
  const tab = TABS.find((one) => one === params.get("tab")) ?? usual;
  const show = (next: string | null) => {
    const asked = new URLSearchParams(params);
    if (next && next !== usual) asked.set("tab", next);
    else asked.delete("tab");
    setParams(asked, { replace: true });
  };
  return [tab === "history" && !saved ? usual : tab, show];
}

/** A segment with its people, its conditions in both forms, and how many it had. */
export function Editor(props: { saved: Segment | null; start: Editing; reload: () => void }) {
  const { saved } = props;
  const editor = useMay("editor");
  const [tab, show] = useTab(saved !== null);
  const answer = useAnswer(props.start);
  const { told, known } = answer;
  const { group } = answer.editing;
  const complete = group === null || isComplete(group);
  const ready = complete ? (known?.text ?? null) : null;
  // A saved one is counted as such: its history has each day on which somebody looked.
  const asSaved = saved && known?.text === saved.text ? saved : null;
  const asked = asSaved ? { segment: asSaved.segmentId } : (known?.segment ?? null);
  const { data: counted } = useReach(asked, asSaved?.text);
  return (
    <>
      <BackLink path="/segments">{t("segments.title")}</BackLink>
      <PageHead title={saved ? saved.name : t("segments.new")}>
        {editor && <DownloadButton segment={ready} counted={counted} />}
      </PageHead>
      <Stack>
        {saved?.description && <Text>{saved.description}</Text>}
        <Reach counted={counted} />
        <Tabs value={tab} onChange={show} keepMounted={false}>
          <Tabs.List mb="md">
            {TABS.filter((one) => saved || one !== "history").map((one) => (
              <Tabs.Tab key={one} value={one}>
                {t(`segments.tabs.${one}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="people">
            {known ? (
              <Everybody segment={known.segment} count={known.count} />
            ) : answer.refused ? (
              <ErrorNotice error={answer.refused} />
            ) : (
              <LoadingRows />
            )}
          </Tabs.Panel>
          <Tabs.Panel value="conditions" keepMounted>
            <Grid>
              <Grid.Col span={{ base: 12, md: 7 }}>
                <Stack>
                  <Forms answer={answer} complete={complete} but={saved?.segmentId} />
                  {editor && <SaveForm saved={saved} text={ready} reload={props.reload} />}
                </Stack>
              </Grid.Col>
              <Grid.Col span={{ base: 12, md: 5 }}>
                <Stack>
                  <Advanced answer={answer} />
                  <Matching
                    told={told}
                    current={known !== null}
                    counting={answer.counting}
                    refused={answer.refused !== null}
                    showAll={() => show("people")}
                  />
                </Stack>
              </Grid.Col>
            </Grid>
          </Tabs.Panel>
          <Tabs.Panel value="history">
            <History counts={saved?.counts ?? []} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </>
  );
}

type Answer = ReturnType<typeof useAnswer>;

function Forms(props: { answer: Answer; complete: boolean; but: string | undefined }) {
  const { editing, setEditing, told, refused } = props.answer;
  return (
    <Card title={t("segments.conditions")}>
      {editing.group ? (
        <Builder
          group={editing.group}
          build={(next) => setEditing((now) => built(now, next))}
          but={props.but}
        />
      ) : told || refused ? (
        <Text>{t("segments.tooDeep")}</Text>
      ) : (
        <LoadingRows count={2} />
      )}
      {!props.complete && (
        <Text size="sm" c="dimmed" role="status">
          {t("segments.unfilled")}
        </Text>
      )}
    </Card>
  );
}

function Advanced({ answer }: { answer: Answer }) {
  const { editing, setEditing, refused } = answer;
  return (
    <Card title={t("segments.advanced")}>
      <SegmentInput
        label={t("segments.text")}
        value={editing.text}
        onChange={(next) => setEditing((now) => written(now, next))}
        error={"text" in editing.draft ? refused : null}
        rows={3}
      />
      {"node" in editing.draft && refused && <ErrorNotice error={refused} />}
    </Card>
  );
}

/** The people of the question in their order. */
function Everybody({ segment, count }: { segment: SegmentNode; count: number }) {
  const [sort, setSort] = useState(NEWEST);
  const asked = { kind: "segment", segment } as const;
  const list = useCustomers(asked, sort);
  return (
    <PeopleList asked={asked} sort={sort} setSort={setSort} list={list} count={count}>
      {t("segments.nobody")}
    </PeopleList>
  );
}
