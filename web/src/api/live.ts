import {
  type DocumentData,
  type DocumentReference,
  onSnapshot,
  type Query,
} from "firebase/firestore";
import { useEffect, useState } from "react";
import { type Refused, refusalOf } from "./calls";

interface Live<T> {
  data: T | undefined;
  error: Refused | null;
}

/** Follow a document; `data` is undefined until it is known and null where there is none. */
export function useDocument<T>(
  reference: DocumentReference | null,
  idKey: string,
): Live<T | null> & { fromCache: boolean } {
  const [state, setState] = useState<Live<T | null> & { fromCache: boolean }>(EMPTY);
  const path = reference?.path;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path says which document it is
  useEffect(() => {
    setState(EMPTY);
    if (!reference) return;
    return onSnapshot(
      reference,
      (found) => {
        if (!found.exists() && found.metadata.fromCache) return; // not known yet
        const data = found.exists() ? ({ ...found.data(), [idKey]: found.id } as T) : null;
        setState({ data, error: null, fromCache: found.metadata.fromCache });
      },
      (error) => setState({ data: undefined, error: refusalOf(error), fromCache: false }),
    );
  }, [path, idKey]);
  return state;
}

const EMPTY = { data: undefined, error: null, fromCache: false };

/** Follow a query when it is time; `key` says which one it is. */
export function useDocuments<T>(
  query: () => Query<DocumentData>,
  key: string,
  idKey: string,
  ready = true,
): Live<T[]> {
  const [state, setState] = useState<Live<T[]>>({ data: undefined, error: null });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says which query it is
  useEffect(() => {
    setState({ data: undefined, error: null });
    if (!ready) return;
    return onSnapshot(
      query(),
      (found) => {
        if (found.empty && found.metadata.fromCache) return; // not known yet
        const rows = found.docs.map((row) => ({ ...row.data(), [idKey]: row.id }) as T);
        setState({ data: rows, error: null });
      },
      (error) => setState({ data: undefined, error: refusalOf(error) }),
    );
  }, [key, idKey, ready]);
  return state;
}
