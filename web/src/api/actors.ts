import { useQuery } from "@tanstack/react-query";
import { useBackend } from "../backend";
import { type Answer, call } from "./calls";

/** A call looks through 10,000 accounts: of an app with very many, staff are named as far as these have them. */
const MOST_CALLS = 5;

const HALF_AN_HOUR = 30 * 60_000;

/** Who is meant by the `actor` of an audit entry or the `author` of a note, by these keys: names of staff, which
 * admins alone may know; empty for everybody else. */
export function useActors(admin: boolean): Map<string, string> {
  const backend = useBackend();
  const found = useQuery({
    queryKey: ["staff", "actors"],
    queryFn: async () => {
      const names = new Map<string, string>();
      let pageToken: string | null = null;
      for (let calls = 0; calls < MOST_CALLS; calls += 1) {
        const page: Answer<"list_staff"> = await call(backend, "list_staff", { pageToken });
        for (const { email, name, actors } of page.staff) {
          for (const actor of actors) names.set(actor, email ?? name ?? "");
        }
        pageToken = page.nextPageToken;
        if (!pageToken) break;
      }
      return names;
    },
    enabled: admin,
    staleTime: HALF_AN_HOUR,
    gcTime: HALF_AN_HOUR,
    retry: false,
  });
  return found.data ?? NOBODY;
}

const NOBODY: Map<string, string> = new Map();
