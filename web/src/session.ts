import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { multiFactor, onIdTokenChanged, signOut, type User } from "firebase/auth";
import { createContext, useContext, useEffect, useState } from "react";
import type { Role } from "./api/types";
import { useBackend } from "./backend";
import type { Needs } from "./firebase";
import type { Way } from "./setup";

/** An account that is signed in, and its role if it has one that counts: a verified address too. */
export interface Session {
  user: User;
  role: Role | null;
  /** When somebody showed last that the account is theirs, in milliseconds since 1970. */
  since: number;
}

const RANK: Record<Role, number> = { viewer: 1, editor: 2, admin: 3 };

const HOUR = 3_600_000; // milliseconds

/** How old a sign-in may be for an export or an erasure, in milliseconds; people's own calls have the same. */
const RECENTLY = 5 * 60_000;

/** Whether a sign-in of this moment is recent. */
export const isRecent = (since: number, now: number): boolean => now - since <= RECENTLY;

/** How many milliseconds are left of a sign-in that lasts so many hours, of which the token tells the second it
 * was made in. */
export const leftOf = (authTime: unknown, hours: number, now: number): number =>
  Number(authTime) * 1000 + hours * HOUR - now;

function roleOf(claim: unknown): Role | null {
  return claim === "viewer" || claim === "editor" || claim === "admin" ? claim : null;
}

/** By which provider an account shows who it is: the first one of the page's that it has. */
export const wayOf = (providers: string[], ways: Way[]): string =>
  ways.find(({ id }) => providers.includes(id))?.id ?? providers[0] ?? PASSWORD;

export const PASSWORD = "password";

/** What the page must reach for an account to show once more that it is itself. */
export const needsOf = (way: string, factors: string[]): Needs => ({
  popups: way !== PASSWORD,
  sms: factors.includes("phone"),
});

export const providersOf = (user: User): string[] =>
  user.providerData.map((provider) => provider.providerId);

/** The session of who is signed in, followed; undefined until it is known, null for nobody. What one account
 * has seen is forgotten before another one is shown anything, in whichever window it signed out: the page, which
 * reaches by then what that account needs alone, is loaded anew. */
export function useSignedIn(): Session | null | undefined {
  const backend = useBackend();
  const { auth, setup } = backend;
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
        const anew = known !== null && navigator.onLine;
        forget(null);
        setSession(anew ? undefined : null);
        if (anew) window.location.reload();
        return;
      }
      const { claims } = await user.getIdTokenResult();
      if (auth.currentUser !== user) return; // somebody else has come meanwhile
      end = endLater(claims.auth_time, setup.sessionHours, () => signOut(auth));
      const role = user.emailVerified && claims.email_verified ? roleOf(claims.crm) : null;
      if (known === null) {
        const factors = multiFactor(user).enrolledFactors.map((factor) => factor.factorId);
        backend.confine(needsOf(wayOf(providersOf(user), setup.signIn), factors));
      }
      forget(`${user.uid} ${role}`);
      setSession({ user, role, since: Number(claims.auth_time) * 1000 });
    });
    return () => {
      end();
      unsubscribe();
    };
  }, [auth, backend, queries, setup]);
  return session;
}

/** End a sign-in when its time is over, also where the computer slept meanwhile. Returns what stops it. */
function endLater(authTime: unknown, hours: number, leave: () => unknown): () => void {
  const left = () => leftOf(authTime, hours, Date.now());
  const look = () => {
    if (left() <= 0) leave();
  };
  const timer = setTimeout(look, Math.max(0, left()));
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
