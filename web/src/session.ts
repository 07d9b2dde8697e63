import { onIdTokenChanged, type User } from "firebase/auth";
import { createContext, useContext, useEffect, useState } from "react";
import type { Role } from "./api/types";
import { useBackend } from "./backend";

/** An account that is signed in, and its role if it has one that counts: a verified address too. */
export interface Session {
  user: User;
  role: Role | null;
}

const RANK: Record<Role, number> = { viewer: 1, editor: 2, admin: 3 };

function roleOf(claim: unknown): Role | null {
  return claim === "viewer" || claim === "editor" || claim === "admin" ? claim : null;
}

/** The session of who is signed in, followed; undefined until it is known, null for nobody. */
export function useSignedIn(): Session | null | undefined {
  const { auth } = useBackend();
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  useEffect(
    () =>
      onIdTokenChanged(auth, async (user) => {
        if (!user) return setSession(null);
        const { claims } = await user.getIdTokenResult();
        const role = user.emailVerified && claims.email_verified ? roleOf(claims.crm) : null;
        setSession({ user, role });
      }),
    [auth],
  );
  return session;
}

/** The reader's role, for all that is shown to who is signed in. */
export const RoleContext = createContext<Role>("viewer");

/** A function that says whether the reader may do what takes a role; the server decides it anyway. */
export function useMayAny(): (role: Role) => boolean {
  const own = useContext(RoleContext);
  return (role) => RANK[own] >= RANK[role];
}

/** Whether the reader may do what takes this role. */
export const useMay = (role: Role): boolean => useMayAny()(role);
