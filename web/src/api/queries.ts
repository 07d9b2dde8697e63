import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { useBackend } from "../backend";
import { type Answer, call } from "./calls";
import { useDocument, useDocuments } from "./live";
import type { Customer, Job, Segment, Tag } from "./types";

/** All tags of the catalogue. */
export function useTags() {
  const backend = useBackend();
  return useQuery({
    queryKey: ["tags"],
    queryFn: async () => {
      const tags: Tag[] = [];
      let pageToken: string | null = null;
      do {
        const page: Answer<"list_tags"> = await call(backend, "list_tags", {
          pageSize: 200,
          pageToken,
        });
        tags.push(...page.tags);
        pageToken = page.nextPageToken;
      } while (pageToken);
      return tags;
    },
  });
}

/** Tag ids with their labels, followed live. */
export function useTagLabels(): Map<string, string> {
  const rows = useDocuments<{ tag: string; label: string }>({ from: "crmTags" }, "tag");
  return useMemo(() => new Map(rows.data?.map((row) => [row.tag, row.label])), [rows.data]);
}

/** The saved segments by name, followed live. */
export function useSegments() {
  return useDocuments<Segment>({ from: "crmSegments", orderBy: ["nameKey"] }, "segmentId");
}

export function useJob(jobId: string | null) {
  return useDocument<Job>(jobId && `crmJobs/${jobId}`, "jobId");
}

/** Load again what an arriving order changes: it moves its customer to the top of the latest. */
export function useArrivals(keys: string[], ready = true): Customer[] | undefined {
  const queries = useQueryClient();
  const { data } = useDocuments<Customer>(
    { from: "customers", orderBy: ["lastOrderAt", "desc"], limit: 5 },
    "customerId",
    ready,
  );
  const names = keys.join(" ");
  const known = useRef(false);
  useEffect(() => {
    if (!data) return;
    if (!known.current) {
      known.current = true; // what was there already is being loaded
      return;
    }
    for (const key of names.split(" ")) queries.invalidateQueries({ queryKey: [key] });
  }, [data, names, queries]);
  return data;
}

/** The id of a tag with this label (docs/segments.md). */
export const tagId = (label: string) =>
  label.normalize("NFC").trim().toLowerCase().replaceAll(" ", "-");
