import { Stack, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { refusalOf } from "../../api/calls";
import { useArrivals } from "../../api/queries";
import type { SegmentNode } from "../../api/types";
import { useCustomers } from "../../people/asking";
import { PeopleList } from "../../people/PeopleList";
import { currenciesOf } from "../../people/sorting";
import { nodeOfView } from "../../people/views";
import { useReach } from "../../segments/reach";
import { textOf } from "../../segments/writing";
import { useMay } from "../../session";
import { EmptyNotice, PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { Columns } from "./Columns";
import { Filters } from "./Filters";
import { segmentOf, useQuestion } from "./question";
import { SaveView, ViewChooser, Views } from "./Views";

/** What a search needs at least. */
const SHORTEST = 2;

/** People: in views, filtered, searched, sorted, and what can be done for many of them. */
export default function People() {
  const question = useQuestion();
  const { asked, typed, choose, stale, sort } = question;
  const editor = useMay("editor");
  const field = useRef<HTMLInputElement>(null);
  const short = asked.kind === "search" && asked.text.length < SHORTEST;
  const list = useCustomers(asked, sort, !short);
  // What is not read first is asked for when there is something to read.
  const ready = short || !list.isPending;
  useArrivals(["customers", "count"], ready);
  const counted = useReach(question.segment || "everyone", undefined, ready);
  // A view, and a question that was put together here, are understood before the server has told what they mean.
  const [built, setBuilt] = useState<{ text: string; node: SegmentNode } | null>(null);
  const text = segmentOf(typed);
  const told = stale ? undefined : counted.data?.segment;
  const local = typed.segment.trim() ? null : nodeOfView(typed.view);
  const node = local ?? (built?.text === text ? built.node : (told ?? null));
  const refused = list.error && question.segment ? refusalOf(list.error) : null;
  const inText = refused && refused.reason !== null ? refused : null;
  const build = (next: SegmentNode) => {
    const written = Object.keys(next).length ? textOf(next) : "";
    setBuilt({ text: written, node: next });
    choose({ segment: written, view: "all" });
  };
  const customers = list.data?.pages.flatMap((page) => page.customers) ?? [];
  return (
    <>
      <PageHead title={t("people.title")}>
        <ViewChooser />
      </PageHead>
      <Views view={typed.view} show={(view) => choose({ view, segment: "" })}>
        <Stack gap="sm">
          <TextInput
            ref={field}
            label={t("people.search")}
            placeholder={t("people.searchHint")}
            leftSection={<IconSearch size={16} aria-hidden />}
            value={typed.q}
            type="search"
            onChange={(event) => question.search(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape" && !typed.q) field.current?.blur();
            }}
          />
          <Filters
            text={text}
            node={node}
            write={question.write}
            build={build}
            refused={stale ? null : inText}
            currencies={currenciesOf(
              customers.map((one) => one.totalSpend),
              sort.currency,
            )}
          >
            {editor && typed.segment && !inText && (
              <SaveView text={text} show={(view) => choose({ view, segment: "" })} />
            )}
          </Filters>
          {short && !stale ? (
            <EmptyNotice title={t("people.short")}>{t("people.shortHint")}</EmptyNotice>
          ) : (
            <PeopleList
              asked={asked}
              sort={sort}
              setSort={question.setSort}
              list={list}
              counted={stale ? null : (counted.data ?? null)}
              columns={question.columns}
              chooser={<Columns columns={question.columns} choose={question.setColumns} />}
              stale={stale}
              refused={inText !== null}
              search={() => field.current?.focus()}
            >
              {t(asked.kind === "everyone" ? "people.nobodyYet" : "people.nobodyHint")}
            </PeopleList>
          )}
        </Stack>
      </Views>
    </>
  );
}
