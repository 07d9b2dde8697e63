import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { onIdTokenChanged, signOut, type User } from "firebase/auth";
import { createContext, useContext, useEffect, useState } from "react";
import type { Role } from "./api/types";
import { useBackend } from "./backend";

/** An account that is signed in, and its role if it has one that counts: a verified address too. */
export interface Session {
  user: User;
  role: Role | null;
  /** When the password was given last, in milliseconds since 1970. */
  since: number;
}

const RANK: Record<Role, number> = { viewer: 1, editor: 2, admin: 3 };

/** How long a sign-in lasts, in milliseconds: a long working day. */
export const LASTS = 12 * 3_600_000;

/** How old a sign-in may be for an export or an erasure, in milliseconds; people's own calls have the same. */
const RECENTLY = 5 * 60_000;

/** Whether a sign-in of this moment is recent. */
export const isRecent = (since: number, now: number): boolean => now - since <= RECENTLY;

/** How many milliseconds of a sign-in are left, of which the token tells the second it was made in. */
export const leftOf = (authTime: unknown, now: number): number =>
  Number(authTime) * 1000 + LASTS - now;

function roleOf(claim: unknown): Role | null {
  return claim === "viewer" || claim === "editor" || claim === "admin" ? claim : null;
}

/** The session of who is signed in, followed; undefined until it is known, null for nobody. What one account
 * has seen is forgotten before another one is shown anything, in whichever window it signed out. */
export function useSignedIn(): Session | null | undefined {
  const { auth } = useBackend();
  const queries = useQueryClient();
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  useEffect(() => {
    let known: string | null = null;
    let end = () => {};
    const forget = (who: string | null) => {
      if (known !== null && known !== who) {
        queries.removeQueries({ predicate: (query) => query.queryKey[0] !== "backend" });
        notifications.clean();
      }
      known = who;
    };
    const unsubscribe = onIdTokenChanged(auth, async (user) => {
      end();
      if (!user) {
        forget(null);
        return setSession(null);
      }
      const { claims } = await user.getIdTokenResult();
      if (auth.currentUser !== user) return; // somebody else has come meanwhile
      end = endLater(claims.auth_time, () => signOut(auth));
      const role = user.emailVerified && claims.email_verified ? roleOf(claims.crm) : null;
      forget(`${user.uid} ${role}`);
      setSession({ user, role, since: Number(claims.auth_time) * 1000 });
    });
    return () => {
      end();
      unsubscribe();
    };
  }, [auth, queries]);
  return session;
}

/** End a sign-in when its time is over, also where the computer slept meanwhile. Returns what stops it. */
function endLater(authTime: unknown, leave: () => unknown): () => void {
  const look = () => {
    if (leftOf(authTime, Date.now()) <= 0) leave();
  };
  const timer = setTimeout(look, Math.max(0, leftOf(authTime, Date.now())));
  document.addEventListener("visibilitychange", look);
  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
  };
}

/** When the reader signed in, for what wants it to have been lately. */
export const SinceContext = createContext(0);

/** The reader's role, for all that is shown to who is signed in. */
export const RoleContext = createContext<Role>("viewer");

/** A function that says whether the reader may do what takes a role; the server decides it anyway. */
export function useMayAny(): (role: Role) => boolean {
  const own = useContext(RoleContext);
  return (role) => RANK[own] >= RANK[role];
}

/** Whether the reader may do what takes this role. */
export const useMay = (role: Role): boolean => useMayAny()(role);
