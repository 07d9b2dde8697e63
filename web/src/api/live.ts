import { useEffect, useState } from "react";
import { useBackend } from "../backend";
import type { Documents, Failed, Seen, Told, Wanted } from "../documents";
import { type Refused, refusalOf } from "./calls";

interface Live<T> {
  data: T | undefined;
  error: Refused | null;
  fromCache: boolean;
}

const UNKNOWN = { data: undefined, error: null, fromCache: false };

type Begin<Found> = (documents: Documents, next: Told<Found>, failed: Failed) => () => void;

/** Follow something, `key` says what, as soon as Firestore's SDK is there; `read` is undefined for what is not
 * known yet. Nothing where there is no key. */
function useFollowed<Found, T>(
  key: string | null,
  begin: Begin<Found>,
  read: (seen: Seen<Found>) => T | undefined,
): Live<T> {
  const backend = useBackend();
  const [state, setState] = useState<Live<T>>(UNKNOWN);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says what is followed
  useEffect(() => {
    setState(UNKNOWN);
    if (key === null) return;
    let end = () => {};
    let over = false;
    const failed = (error: unknown) => {
      if (!over) setState({ ...UNKNOWN, error: refusalOf(error) });
    };
    const next = (seen: Seen<Found>) => {
      const data = read(seen);
      if (data !== undefined) setState({ data, error: null, fromCache: seen.fromCache });
    };
    backend.documents().then((documents) => {
      if (!over) end = begin(documents, next, failed);
    }, failed);
    return () => {
      over = true;
      end();
    };
  }, [backend, key]);
  return state;
}

/** Follow the document at a path; `data` is undefined until it is known and null where there is none. */
export function useDocument<T>(path: string | null, idKey: string): Live<T | null> {
  return useFollowed<Record<string, unknown> | null, T | null>(
    path,
    (documents, ...told) => documents.follow(path ?? "", ...told),
    ({ found, fromCache }) => {
      if (!found) return fromCache ? undefined : null;
      return { ...found, [idKey]: found.id } as T;
    },
  );
}

/** Follow all documents that are wanted, when it is time. */
export function useDocuments<T>(wanted: Wanted, idKey: string, ready = true): Live<T[]> {
  return useFollowed<Record<string, unknown>[], T[]>(
    ready ? JSON.stringify(wanted) : null,
    (documents, ...told) => documents.followAll(wanted, ...told),
    ({ found, fromCache }) => {
      if (!found.length && fromCache) return undefined;
      return found.map((row) => ({ ...row, [idKey]: row.id }) as T);
    },
  );
}
