import { Button, Group, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import {
  type Auth,
  getMultiFactorResolver,
  type MultiFactorError,
  type MultiFactorInfo,
  type MultiFactorResolver,
  PhoneAuthProvider,
  PhoneMultiFactorGenerator,
  type PhoneMultiFactorInfo,
  RecaptchaVerifier,
  TotpMultiFactorGenerator,
  type UserCredential,
} from "firebase/auth";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Refused, refusalOf } from "../api/calls";
import { useBackend } from "../backend";
import { t } from "../words";
import { ErrorNotice } from "./PageParts";

const TOTP = TotpMultiFactorGenerator.FACTOR_ID;

interface Asked {
  resolver: MultiFactorResolver;
  done: (credential: UserCredential) => void;
  failed: (error: Refused) => void;
}

/** What asks for a second factor where an account has one. `withFactor` does what signs in, and if that is not
 * enough, shows `field` until the code is right. */
export function useSecondFactor(): {
  field: ReactNode;
  withFactor: (work: () => Promise<UserCredential>) => Promise<UserCredential>;
} {
  const { auth } = useBackend();
  const [asked, setAsked] = useState<Asked | null>(null);
  const withFactor = async (work: () => Promise<UserCredential>) => {
    try {
      return await work();
    } catch (error) {
      if (refusalOf(error).code !== "auth/multi-factor-auth-required") throw error;
      const resolver = getMultiFactorResolver(auth, error as MultiFactorError);
      const answer = new Promise<UserCredential>((done, failed) =>
        setAsked({ resolver, done, failed }),
      );
      return await answer.finally(() => setAsked(null));
    }
  };
  return { field: asked && <FactorField auth={auth} {...asked} />, withFactor };
}

/** What a factor is called, where several can be chosen. */
function nameOf(hint: MultiFactorInfo): string {
  if (hint.factorId === TOTP) return hint.displayName ?? t("signIn.authenticator");
  const phone = (hint as PhoneMultiFactorInfo).phoneNumber;
  return t("signIn.smsTo", { phone: hint.displayName ? `${hint.displayName} (${phone})` : phone });
}

/** Say once that a code is on its way to a phone; answers what the code belongs to. */
async function sendSms(
  auth: Auth,
  resolver: MultiFactorResolver,
  hint: MultiFactorInfo,
  at: Element,
) {
  // Firebase wants it shown that no program asks: by reCAPTCHA, which mostly says nothing.
  const verifier = new RecaptchaVerifier(auth, at as HTMLElement, { size: "invisible" });
  try {
    const sent = { multiFactorHint: hint, session: resolver.session };
    return await new PhoneAuthProvider(auth).verifyPhoneNumber(sent, verifier);
  } finally {
    verifier.clear();
  }
}

/** Choose one of the account's factors, and give its code. */
function FactorField({ auth, resolver, done, failed }: Asked & { auth: Auth }) {
  const { hints } = resolver;
  const [chosen, setChosen] = useState(0);
  const [code, setCode] = useState("");
  const [sent, setSent] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const robot = useRef<HTMLDivElement>(null);
  const hint = hints[chosen];
  const phone = hint !== undefined && hint.factorId !== TOTP;
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    await work().catch(setError);
    setBusy(false);
  };
  const send = () =>
    attempt(async () => {
      if (!hint || !robot.current) return;
      // A place of its own for each: reCAPTCHA cannot be drawn twice into one.
      const place = robot.current.appendChild(document.createElement("div"));
      setSent(await sendSms(auth, resolver, hint, place));
    });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each factor that is chosen
  useEffect(() => {
    setSent(null);
    setCode("");
    if (phone) send();
  }, [chosen]);
  const give = () =>
    attempt(async () => {
      if (!hint) return;
      const typed = code.replace(/\s/g, "");
      const assertion = phone
        ? PhoneMultiFactorGenerator.assertion(PhoneAuthProvider.credential(sent ?? "", typed))
        : TotpMultiFactorGenerator.assertionForSignIn(hint.uid, typed);
      done(await resolver.resolveSignIn(assertion));
    });
  const complete = code.trim() !== "" && (!phone || sent !== null);
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // it stands in forms of others
    if (complete && !busy) give();
  };
  const leave = () => failed(new Refused(t("signIn.factorLeft"), "auth/cancelled", null, null, {}));
  return (
    <Stack>
      <Text>{t("signIn.secondFactor")}</Text>
      {hints.length > 1 && (
        <NativeSelect
          label={t("signIn.chooseFactor")}
          data={hints.map((one, at) => ({ value: String(at), label: nameOf(one) }))}
          value={String(chosen)}
          onChange={(event) => setChosen(Number(event.currentTarget.value))}
        />
      )}
      {hint && (
        <TextInput
          label={phone ? t("signIn.smsCode") : t("signIn.totpCode")}
          description={nameOf(hint)}
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          data-autofocus
          autoFocus
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          onKeyDown={pressed}
        />
      )}
      {error ? <ErrorNotice error={error} /> : null}
      <div ref={robot} />
      <Group>
        <Button loading={busy} disabled={!complete} onClick={give}>
          {t("signIn.confirmCode")}
        </Button>
        {phone && (
          <Button variant="default" disabled={busy} onClick={send}>
            {t("signIn.sendAgain")}
          </Button>
        )}
        <Button variant="default" disabled={busy} onClick={leave}>
          {t("shared.cancel")}
        </Button>
      </Group>
    </Stack>
  );
}
