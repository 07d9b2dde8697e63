import { useQuery } from "@tanstack/react-query";
import { useBackend } from "../backend";
import { call } from "./calls";

/** An own field of customers, as `crm.toml` declares it. */
export interface OwnField {
  name: string;
  type: "text" | "number" | "date" | "bool" | "choice";
  label: string;
  choices?: string[] | null;
}

const NONE: OwnField[] = [];

/** The own fields that there are. */
export function useOwnFields(ready = true): OwnField[] {
  const backend = useBackend();
  const found = useQuery({
    queryKey: ["ownFields"],
    queryFn: () => call<{ fields: OwnField[] }>(backend, "list_fields"),
    enabled: ready,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return found.data?.fields ?? NONE;
}
