import { Anchor, Code, List, Text, TextInput } from "@mantine/core";
import {
  type MultiFactorInfo,
  multiFactor,
  TotpMultiFactorGenerator,
  type TotpSecret,
  type User,
} from "firebase/auth";
import { useState } from "react";
import { Refused, refusalOf } from "../api/calls";
import { useDeed } from "../api/deeds";
import { useBackend } from "../backend";
import { day } from "../format";
import { Confirm } from "../ui/Confirm";
import { notifyDone } from "../ui/notify";
import { useProof } from "../ui/proof";
import { t } from "../words";

/** The second factors of one's own account, and a further one: an app that shows codes. */
export default function SecondFactor({ close }: { close: () => void }) {
  const { auth } = useBackend();
  const [secret, setSecret] = useState<TotpSecret | null>(null);
  const user = auth.currentUser;
  if (!user) return null;
  if (secret) return <Enrol user={user} secret={secret} close={close} />;
  return <Factors user={user} next={setSecret} close={close} />;
}

/** What Firebase answers where the project does not know such factors. */
function inWords(error: unknown): unknown {
  const { code } = refusalOf(error);
  if (code !== "auth/operation-not-allowed") return error;
  return new Refused(t("signIn.factorNotAllowed"), code, null, null, {});
}

function Factors(props: { user: User; next: (secret: TotpSecret) => void; close: () => void }) {
  const factors = multiFactor(props.user).enrolledFactors;
  const { field, ready, prove } = useProof();
  const begin = useDeed({
    work: async (_, signal) => {
      await prove();
      signal.throwIfAborted();
      const session = await multiFactor(props.user).getSession();
      return await TotpMultiFactorGenerator.generateSecret(session);
    },
    onSuccess: props.next,
  });
  return (
    <Confirm
      title={t("shell.secondFactor")}
      action={t("signIn.addAuthenticator")}
      pending={begin.isPending}
      error={begin.error && inWords(begin.error)}
      disabled={!ready}
      close={props.close}
      confirm={() => begin.run()}
    >
      <Text>{t("signIn.whyFactor")}</Text>
      {factors.length > 0 && (
        <List aria-label={t("signIn.yourFactors")}>
          {factors.map((factor) => (
            <List.Item key={factor.uid}>{said(factor)}</List.Item>
          ))}
        </List>
      )}
      {field}
    </Confirm>
  );
}

/** A factor with the day since which it is one. */
function said(factor: MultiFactorInfo): string {
  const kind = factor.factorId === "phone" ? t("signIn.sms") : t("signIn.authenticator");
  const name = factor.displayName ? `${kind}: ${factor.displayName}` : kind;
  return t("signIn.factorSince", { name, day: day(new Date(factor.enrollmentTime).toISOString()) });
}

function Enrol(props: { user: User; secret: TotpSecret; close: () => void }) {
  const [code, setCode] = useState("");
  const { secret, user } = props;
  const enrol = useDeed({
    work: () => {
      const assertion = TotpMultiFactorGenerator.assertionForEnrollment(secret, code.trim());
      return multiFactor(user).enroll(assertion, t("signIn.authenticator"));
    },
    onSuccess: () => {
      notifyDone(t("signIn.factorAdded"));
      props.close();
    },
  });
  return (
    <Confirm
      title={t("signIn.addAuthenticator")}
      action={t("signIn.confirmCode")}
      pending={enrol.isPending}
      error={enrol.error && inWords(enrol.error)}
      disabled={!code.trim()}
      close={props.close}
      confirm={() => enrol.run()}
    >
      <Text>{t("signIn.takeSecret")}</Text>
      <Code block tabIndex={0} data-testid="secret">
        {secret.secretKey}
      </Code>
      <Anchor href={secret.generateQrCodeUrl(user.email ?? "", "CRM-Lite")}>
        {t("signIn.openAuthenticator")}
      </Anchor>
      <TextInput
        label={t("signIn.totpCode")}
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        data-autofocus
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
    </Confirm>
  );
}
