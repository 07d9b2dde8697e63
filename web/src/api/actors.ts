import { useQuery } from "@tanstack/react-query";
import { useBackend } from "../backend";
import { type Answer, call } from "./calls";

/** Who is meant by the `actor` of an audit entry or the `author` of a note, by these keys: names of staff, which
 * admins alone may know; empty for everybody else. */
export function useActors(admin: boolean): Map<string, string> {
  const backend = useBackend();
  const found = useQuery({
    queryKey: ["staff", "actors"],
    queryFn: async () => {
      const names = new Map<string, string>();
      let pageToken: string | null = null;
      do {
        const page: Answer<"list_staff"> = await call(backend, "list_staff", { pageToken });
        for (const { email, name, actors } of page.staff) {
          for (const actor of actors) names.set(actor, email ?? name ?? "");
        }
        pageToken = page.nextPageToken;
      } while (pageToken);
      return names;
    },
    enabled: admin,
    staleTime: 5 * 60_000,
    retry: false,
  });
  return found.data ?? NOBODY;
}

const NOBODY: Map<string, string> = new Map();
