import { PasswordInput, Text } from "@mantine/core";
import {
  EmailAuthProvider,
  reauthenticateWithCredential,
  reauthenticateWithPopup,
  type User,
} from "firebase/auth";
import { type ReactNode, useContext, useState } from "react";
import { Refused, refusalOf } from "../api/calls";
import { useBackend } from "../backend";
import { isRecent, PASSWORD, providersOf, SinceContext, wayOf } from "../session";
import { t } from "../words";
import { useSecondFactor } from "./SecondFactor";
import { nameOfWay, providerOf } from "./ways";

const WRONG = ["auth/invalid-credential", "auth/wrong-password", "auth/missing-password"];

export interface Proof {
  /** The field to show; null where the sign-in is recent. */
  field: ReactNode;
  /** Whether there is what `prove` needs. */
  ready: boolean;
  /** Show that who asks is who signed in; a desk is left for a coffee. */
  prove: () => Promise<void>;
}

/** That who asks is who signed in, once more, for what takes it where the sign-in was not just now: by the
 * password, or in a window of the provider that the account has, and by its second factor where it has one. */
export function useProof(): Proof {
  const { auth, setup } = useBackend();
  const since = useContext(SinceContext);
  const [typed, setTyped] = useState("");
  const [needed] = useState(() => !isRecent(since, Date.now()));
  const second = useSecondFactor();
  const user = auth.currentUser;
  const way = user ? wayOf(providersOf(user), setup.signIn) : PASSWORD;
  const prove = async () => {
    if (!needed || !user) return;
    try {
      await second.withFactor(() => again(user, way, typed));
    } catch (error) {
      const refused = refusalOf(error);
      if (way !== PASSWORD || !WRONG.includes(refused.code)) throw refused;
      throw new Refused(t("signIn.notYourPassword"), refused.code, null, null, {});
    }
  };
  if (!needed) return { field: null, ready: true, prove };
  const first =
    way === PASSWORD ? (
      <PasswordInput
        label={t("signIn.yourPassword")}
        description={t("signIn.signedInEarlier")}
        required
        autoComplete="current-password"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    ) : (
      <Text>{t("signIn.askedAgain", { provider: nameOfWay(way, setup.signIn) })}</Text>
    );
  return { field: second.field ?? first, ready: way !== PASSWORD || typed !== "", prove };
}

const again = (user: User, way: string, password: string) =>
  way === PASSWORD
    ? reauthenticateWithCredential(user, EmailAuthProvider.credential(user.email ?? "", password))
    : reauthenticateWithPopup(user, providerOf(way));
