import { useBackend } from "../backend";
import type { Wanted } from "../documents";
import type { Backend } from "../firebase";
import { refusalOf } from "./calls";

const OPERATORS = { "==": "EQUAL" } as const;

interface Counted {
  from: string;
  /** What must hold, all of it. */
  where?: [field: string, is: keyof typeof OPERATORS, value: string][];
}

/** A count as Firestore's REST API takes it. */
export function countQuery({ from, where = [] }: Counted): object {
  const filters = where.map(([fieldPath, is, stringValue]) => ({
    fieldFilter: { field: { fieldPath }, op: OPERATORS[is], value: { stringValue } },
  }));
  const held = filters.length > 0 && { where: { compositeFilter: { op: "AND", filters } } };
  const structuredQuery = { from: [{ collectionId: from }], ...held };
  return {
    structuredAggregationQuery: { structuredQuery, aggregations: [{ alias: "n", count: {} }] },
  };
}

/** The number in an answer of that API; null where there is none in it. */
export function countIn(answer: unknown): number | null {
  const [first] = Array.isArray(answer) ? answer : [];
  const count = Number(first?.result?.aggregateFields?.n?.integerValue);
  return Number.isFinite(count) ? count : null;
}

async function counted(backend: Backend, wanted: Counted): Promise<number | null> {
  const token = await backend.auth.currentUser?.getIdToken();
  const host = backend.emulators
    ? `http://${backend.emulators.firestore}`
    : "https://firestore.googleapis.com";
  const path = `v1/projects/${backend.project}/databases/(default)/documents:runAggregationQuery`;
  const answer = await fetch(`${host}/${path}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}` },
    body: JSON.stringify(countQuery(wanted)),
  });
  return answer.ok ? countIn(await answer.json()) : null;
}

/** A function that counts documents without the SDK of Firestore, which is larger than a screen; by the SDK where
 * Firestore wants more than a token, such as App Check. One read for each thousand. */
export function useCounting(): (wanted: Counted) => Promise<number> {
  const backend = useBackend();
  return async (wanted) => {
    try {
      const count = await counted(backend, wanted);
      return count ?? (await (await backend.documents()).count(wanted satisfies Wanted));
    } catch (error) {
      throw refusalOf(error);
    }
  };
}
