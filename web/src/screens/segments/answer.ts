import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { call, refusalOf } from "../../api/calls";
import { useBackend } from "../../backend";
import { type Editing, followed } from "../../segments/editing";

/** A question in both of its forms, and the answer to it. */
export function useAnswer(start: Editing) {
  const backend = useBackend();
  const [editing, setEditing] = useState(start);
  const { draft } = editing;
  const [asked] = useDebouncedValue(draft, 300);
  const segment = "text" in asked ? asked.text.trim() || "everyone" : asked.node;
  const counted = useQuery({
    queryKey: ["count", segment],
    queryFn: () => call(backend, "count_segment", { segment }),
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
