import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import type { StaffMember } from "crm-lite-client";
import { useBackend } from "../backend";
import { call } from "./calls";

export type { StaffMember };

/** So many calls are made by themselves; each looks through 10,000 accounts. */
const BY_ITSELF = 5;

const KEY = ["staff", "rows"];

/** Who has a role. Firebase Auth has no list of them: all accounts are looked through, as far as that is quick, and
 * `hasNextPage` says whether some are left. */
export function useStaff(ready = true) {
  const backend = useBackend();
  const list = useInfiniteQuery({
    queryKey: KEY,
    queryFn: async ({ pageParam }) => {
      const staff: StaffMember[] = [];
      let pageToken = pageParam;
      for (let calls = 0; calls < BY_ITSELF; calls += 1) {
        const page = await call(backend, "list_staff", { pageToken });
        staff.push(...page.staff);
        pageToken = page.nextPageToken;
        if (!pageToken) break;
      }
      return { staff, next: pageToken };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    enabled: ready,
    retry: false,
  });
  return { ...list, staff: list.data && ranked(list.data.pages.flatMap((page) => page.staff)) };
}

const RANKS = ["admin", "editor", "viewer"];

/** The highest role first, then by address. */
export function ranked(staff: StaffMember[]): StaffMember[] {
  const name = (one: StaffMember) => one.email ?? one.name ?? "";
  return [...staff].sort(
    (one, other) =>
      RANKS.indexOf(one.role ?? "") - RANKS.indexOf(other.role ?? "") ||
      name(one).localeCompare(name(other)),
  );
}

/** Whether somebody may do what only admins may: the role opens nothing before the address is verified. */
const isAdmin = ({ role, verified, disabled }: StaffMember): boolean =>
  role === "admin" && verified && !disabled;

/** Whether the reader is the only admin: nobody else could see to roles. */
export const isLastAdmin = (staff: StaffMember[]): boolean => staff.filter(isAdmin).length === 1;

/** A function that has the list asked for again, after a change of it. */
export function useStaffChanged(): () => unknown {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["staff"] });
}
