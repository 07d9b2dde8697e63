import { PasswordInput } from "@mantine/core";
import { EmailAuthProvider, reauthenticateWithCredential } from "firebase/auth";
import { type ReactNode, useContext, useState } from "react";
import { Refused, refusalOf } from "../api/calls";
import { useBackend } from "../backend";
import { isRecent, SinceContext } from "../session";
import { t } from "../words";

const WRONG = [
  "auth/invalid-credential",
  "auth/wrong-password",
  "auth/missing-password",
  "auth/user-mismatch",
];

interface Password {
  /** The field to show; null where the sign-in is recent. */
  field: ReactNode;
  /** Whether there is what `prove` needs. */
  ready: boolean;
  /** Show that who asks is who signed in; a desk is left for a coffee. */
  prove: () => Promise<void>;
}

/** The password once more, for what takes it where the sign-in was not just now. */
export function usePassword(): Password {
  const { auth } = useBackend();
  const since = useContext(SinceContext);
  const [typed, setTyped] = useState("");
  const [needed] = useState(() => !isRecent(since, Date.now()));
  const prove = async () => {
    const user = auth.currentUser;
    if (!needed || !user) return;
    try {
      const credential = EmailAuthProvider.credential(user.email ?? "", typed);
      await reauthenticateWithCredential(user, credential);
    } catch (error) {
      const refused = refusalOf(error);
      if (!WRONG.includes(refused.code)) throw refused;
      throw new Refused(t("signIn.notYourPassword"), refused.code, null, null, {});
    }
  };
  const field = needed && (
    <PasswordInput
      label={t("signIn.yourPassword")}
      description={t("signIn.signedInEarlier")}
      required
      autoComplete="current-password"
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  );
  return { field: field || null, ready: !needed || typed !== "", prove };
}
