import { useQuery } from "@tanstack/react-query";
import type { OwnField } from "crm-lite-client";
import { useBackend } from "../backend";
import { call } from "./calls";

export type { OwnField };

const NONE: OwnField[] = [];

/** The own fields that there are. */
export function useOwnFields(ready = true): OwnField[] {
  const backend = useBackend();
  const found = useQuery({
    queryKey: ["ownFields"],
    queryFn: () => call(backend, "list_fields"),
    enabled: ready,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return found.data?.fields ?? NONE;
}
