import { useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import type { Sort } from "../../api/types";
import type { Asked } from "../../people/asking";
import { type Column, columnsOf, columnsText, USUAL } from "../../people/columns";
import { sortOf, sortText } from "../../people/sorting";
import { questionOf } from "../../people/views";

/** What somebody asks: one of the views, or a question of their own, and what is searched for in it. */
export interface Typed {
  view: string;
  segment: string;
  q: string;
}

/** How long what is typed may still change, in milliseconds; what is clicked is asked at once. */
const SEARCH_PAUSE = 150;
const TEXT_PAUSE = 400;

const COLUMNS_KEPT = "crm-columns";

export const typedIn = (params: URLSearchParams): Typed => ({
  view: params.get("segment") ? "all" : (params.get("view") ?? "all"),
  segment: params.get("segment") ?? "",
  q: params.get("q") ?? "",
});

/** The question of a list, as the address of the page says it; what is usual it does not say. */
export function addressOf(typed: Typed, sort: Sort, columns: readonly Column[] | null): string {
  const segment = typed.segment.trim();
  const q = typed.q.trim();
  return new URLSearchParams({
    ...(!segment && typed.view !== "all" && { view: typed.view }),
    ...(segment && { segment }),
    ...(q && { q }),
    ...(sortText(sort) !== sortText(sortOf(null)) && { sort: sortText(sort) }),
    ...(columns && { columns: columnsText(columns) }),
  }).toString();
}

/** The text of the whole question, without what is searched for in it. */
export const segmentOf = ({ view, segment }: Typed): string => segment.trim() || questionOf(view);

/** Which people a question asks for. */
export function askedOf(typed: Typed): Asked {
  const segment = segmentOf(typed);
  const text = typed.q.trim();
  if (text) return { kind: "search", text, ...(segment && { segment }) };
  return segment ? { kind: "segment", segment } : { kind: "everyone" };
}

interface Question {
  typed: Typed;
  asked: Asked;
  /** The question as text, as far as it is asked; what is searched for in it is beside it. */
  segment: string;
  search: (q: string) => void;
  write: (segment: string) => void;
  /** What was clicked: asked at once. */
  choose: (next: Partial<Typed>) => void;
  /** Whether what is typed is not asked yet. */
  stale: boolean;
  sort: Sort;
  setSort: (sort: Sort) => void;
  columns: readonly Column[];
  setColumns: (columns: readonly Column[]) => void;
}

/** The question about people: typed at once, asked a moment later, and kept in the address. */
export function useQuestion(): Question {
  const [params, setParams] = useSearchParams();
  const [typed, setTyped] = useState(() => typedIn(params));
  const [settled, setSettled] = useState(typed);
  const [sort, setSort] = useState(() => sortOf(params.get("sort")));
  const [columns, setColumns] = useState(() => columnsOf(params.get("columns")));
  const pause = useRef(0);
  const written = useRef(params.toString());
  useEffect(() => {
    const timer = setTimeout(() => setSettled(typed), pause.current);
    return () => clearTimeout(timer);
  }, [typed]);
  const address = addressOf(settled, sort, columns);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was asked is written
  useEffect(() => {
    written.current = address;
    setParams(address, { replace: true });
  }, [address]);
  useEffect(() => {
    if (params.toString() === written.current) return; // else a link led here
    written.current = params.toString();
    pause.current = 0;
    setTyped(typedIn(params));
    setSort(sortOf(params.get("sort")));
    setColumns(columnsOf(params.get("columns")));
  }, [params]);
  const change = (next: Partial<Typed>, after: number) => {
    pause.current = after;
    setTyped((now) => ({ ...now, ...next }));
  };
  return {
    typed,
    asked: askedOf(settled),
    segment: segmentOf(settled),
    search: (q) => change({ q }, SEARCH_PAUSE),
    write: (segment) => change({ segment, view: "all" }, TEXT_PAUSE),
    choose: (next) => change(next, 0),
    stale: JSON.stringify(askedOf(typed)) !== JSON.stringify(askedOf(settled)),
    sort,
    setSort,
    columns: columns ?? columnsOf(localStorage.getItem(COLUMNS_KEPT)) ?? USUAL,
    setColumns: (next) => {
      localStorage.setItem(COLUMNS_KEPT, columnsText(next));
      setColumns([...next]);
    },
  };
}
