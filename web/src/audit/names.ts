import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { refusalOf } from "../api/calls";
import type { Customer } from "../api/types";
import { useBackend } from "../backend";
import { nameOf } from "../ui/CustomerCells";

/** So many documents can be asked for at a time. */
const AT_ONCE = 30;

const NOBODY: Map<string, string> = new Map();

/** The names of customers by their ids, all in one go: of those who are still there. Entries and requests hold
 * ids alone, so that they stay as they are when somebody is erased. */
export function useNames(ids: string[]): Map<string, string> {
  const backend = useBackend();
  const asked = [...new Set(ids)].sort();
  const found = useQuery({
    queryKey: ["customers", "names", asked],
    queryFn: async () => {
      const names = new Map<string, string>();
      try {
        const documents = await backend.documents();
        for (let at = 0; at < asked.length; at += AT_ONCE) {
          const some = asked.slice(at, at + AT_ONCE);
          const { rows } = await documents.page(
            { from: "customers", where: [["__name__", "in", some]] },
            null,
          );
          for (const row of rows) names.set(row.id, nameOf(row as unknown as Customer));
        }
      } catch (error) {
        throw refusalOf(error);
      }
      return names;
    },
    enabled: asked.length > 0,
    placeholderData: keepPreviousData,
    retry: false,
  });
  return found.data ?? NOBODY;
}
