import { useInfiniteQuery } from "@tanstack/react-query";
import type * as made from "crm-lite-client";
import { useBackend } from "../backend";
import { askingIn } from "./asking";

export type Import = made.Import;
export type ImportReport = made.ImportReport;
export type RowError = made.RowError;
export type Imported = made.Imported;
export type SignUpForm = made.SignUpForm;

/** Call a callable of imports; what it refuses is said in the reader's language. */
export const ask = askingIn("forms");

/** States in which workers are at an import. */
export const UNDER_WAY: Import["state"][] = ["running", "undoing"];

const OFTEN = 3_000; // milliseconds

/** What was taken in, the newest first, page by page. */
export function useImports() {
  const backend = useBackend();
  return useInfiniteQuery({
    queryKey: ["imports"],
    queryFn: ({ pageParam }) =>
      ask(backend, "list_imports", { pageSize: 20, pageToken: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextPageToken,
    refetchInterval: ({ state }) => {
      const all = state.data?.pages.flatMap((page) => page.imports) ?? [];
      return all.some((one) => UNDER_WAY.includes(one.state)) ? OFTEN : false;
    },
  });
}
