import {
  Alert,
  Button,
  Center,
  Divider,
  Group,
  NativeSelect,
  Paper,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { sendPasswordResetEmail, signInWithEmailAndPassword, signInWithPopup } from "firebase/auth";
import { type FormEvent, useState } from "react";
import { refusalOf } from "../api/calls";
import { useDeed } from "../api/deeds";
import { useBackend } from "../backend";
import { PASSWORD } from "../session";
import { useSecondFactor } from "../ui/SecondFactor";
import { nameOfWay, providerOf } from "../ui/ways";
import { LANGUAGES, language, nameOfLanguage, speak, t } from "../words";

/** Who signs in: by a password, or at a provider. */
type Who = { email: string; password: string } | { provider: string };

/** The reader closed the window of a provider: no more needs to be said. */
const LEFT = ["auth/popup-closed-by-user", "auth/cancelled-popup-request", "auth/cancelled"];

export function SignIn() {
  const { auth, setup, emulators } = useBackend();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [sent, setSent] = useState(false);
  const second = useSecondFactor();
  const signIn = useDeed({
    work: (who: Who) =>
      second.withFactor(() =>
        "provider" in who
          ? signInWithPopup(auth, providerOf(who.provider))
          : signInWithEmailAndPassword(auth, who.email.trim(), who.password),
      ),
  });
  const reset = useDeed({
    work: () => sendPasswordResetEmail(auth, email.trim()),
    onSuccess: () => setSent(true),
  });
  const error = signIn.error ?? reset.error;
  const providers = setup.signIn.filter(({ id }) => id !== PASSWORD);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.run({ email, password });
  };
  const ways = (
    <>
      {setup.signIn.some(({ id }) => id === PASSWORD) && (
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label={t("signIn.email")}
              type="email"
              autoComplete="username"
              required
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <PasswordInput
              label={t("signIn.password")}
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            <Button type="submit" loading={signIn.isPending}>
              {t("signIn.signIn")}
            </Button>
            <Button
              variant="default"
              disabled={!email}
              loading={reset.isPending}
              onClick={() => reset.run()}
            >
              {t("signIn.newPassword")}
            </Button>
          </Stack>
        </form>
      )}
      {providers.map(({ id }) => (
        <Button
          key={id}
          variant="default"
          disabled={signIn.isPending}
          onClick={() => signIn.run({ provider: id })}
        >
          {t("signIn.with", { provider: nameOfWay(id, setup.signIn) })}
        </Button>
      ))}
    </>
  );
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder p="xl" w={400} maw="100%">
        <Stack>
          <Group justify="space-between" wrap="nowrap">
            <Title order={1} size="h2">
              CRM-Lite
            </Title>
            <NativeSelect
              aria-label={t("shell.language")}
              size="xs"
              data={LANGUAGES.map((code) => ({ value: code, label: nameOfLanguage(code) }))}
              value={language()}
              onChange={(event) => speak(event.currentTarget.value)}
            />
          </Group>
          {error && !LEFT.includes(refusalOf(error).code) && (
            <Alert color="red" role="alert">
              {refusalOf(error).message}
            </Alert>
          )}
          {sent && !error && (
            <Alert color="teal" role="status">
              {t("signIn.resetSent")}
            </Alert>
          )}
          {second.field ?? ways}
        </Stack>
        {emulators && emulators.accounts.length > 0 && !second.field && (
          <Stack mt="lg" gap="xs">
            <Divider label={t("signIn.suiteAccounts")} />
            {emulators.accounts.map((account) => (
              <Button key={account.email} variant="default" onClick={() => signIn.run(account)}>
                {account.email}
              </Button>
            ))}
            <Text size="sm" c="dimmed">
              {t("signIn.suitePassword", { password: emulators.accounts[0]?.password })}
            </Text>
          </Stack>
        )}
      </Paper>
    </Center>
  );
}
