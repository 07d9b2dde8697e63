import type { Wanted } from "../documents";
import type { Backend } from "../firebase";

/** How many ids a query of Firestore takes at most. */
const MOST_IDS = 30;

/** The names of people by their ids, as their documents have them now; of nobody who is not there any more. */
export async function namesOf(
  backend: Backend,
  customerIds: string[],
): Promise<Map<string, string | null>> {
  const ids = [...new Set(customerIds)];
  const names = new Map<string, string | null>();
  for (let at = 0; at < ids.length; at += MOST_IDS) {
    const some = ids.slice(at, at + MOST_IDS);
    const documents = await backend.documents();
    const wanted = { from: "customers", where: [["__name__", "in", some]] } satisfies Wanted;
    for (const one of (await documents.page(wanted, null)).rows) {
      names.set(one.id, (one.name as string | null) ?? null);
    }
  }
  return names;
}
