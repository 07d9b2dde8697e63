import { onIdTokenChanged, type User } from "firebase/auth";
import { createContext, useContext, useEffect, useState } from "react";
import type { Role } from "./api/types";
import { useBackend } from "./backend";

export interface Session {
  user: User;
  role: Role | null;
}

const RANK: Record<Role, number> = { viewer: 1, editor: 2, admin: 3 };

function roleOf(claim: unknown): Role | null {
  return claim === "viewer" || claim === "editor" || claim === "admin" ? claim : null;
}

/** Follow who is signed in; undefined until that is known, null for nobody. */
export function useSignedIn(): Session | null | undefined {
  const { auth } = useBackend();
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  useEffect(
    () =>
      onIdTokenChanged(auth, async (user) => {
        if (!user) return setSession(null);
        const { claims } = await user.getIdTokenResult();
        setSession({ user, role: roleOf(claims.crm) });
      }),
    [auth],
  );
  return session;
}

export const RoleContext = createContext<Role>("viewer");

/** Says whether the reader's role may do what takes another; the server decides it anyway. */
export function useMayAny(): (role: Role) => boolean {
  const own = useContext(RoleContext);
  return (role) => RANK[own] >= RANK[role];
}

export const useMay = (role: Role): boolean => useMayAny()(role);
