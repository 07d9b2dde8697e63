import {
  Alert,
  Button,
  Center,
  Divider,
  Paper,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { sendPasswordResetEmail, signInWithEmailAndPassword } from "firebase/auth";
import { type FormEvent, useState } from "react";
import { refusalOf } from "../api/calls";
import { useDeed } from "../api/deeds";
import { useBackend } from "../backend";
import { notifyDone } from "../ui/notify";

const MESSAGES: Record<string, string> = {
  "auth/invalid-credential": "This address and password do not belong together.",
  "auth/invalid-email": "Write the whole address.",
  "auth/wrong-password": "This address and password do not belong together.",
  "auth/user-not-found": "This address and password do not belong together.",
  "auth/user-disabled": "This account is disabled.",
  "auth/too-many-requests": "Too many attempts. Wait a few minutes.",
  "auth/network-request-failed": "There is no connection.",
};

export function SignIn() {
  const { auth, suite } = useBackend();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useDeed({
    work: (who: { email: string; password: string }) =>
      signInWithEmailAndPassword(auth, who.email.trim(), who.password),
  });
  const reset = useDeed({
    work: () => sendPasswordResetEmail(auth, email.trim()),
    onSuccess: () => notifyDone("If there is such an account, a message is on its way to it."),
  });
  const error = signIn.error ?? reset.error;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.run({ email, password });
  };
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder p="xl" w={400} maw="100%">
        <form onSubmit={submit}>
          <Stack>
            <Title order={1} size="h2">
              CRM-Lite
            </Title>
            <TextInput
              label="E-mail address"
              type="email"
              autoComplete="username"
              required
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            {error && (
              <Alert color="red" role="alert">
                {MESSAGES[refusalOf(error).code] ?? error.message}
              </Alert>
            )}
            <Button type="submit" loading={signIn.isPending}>
              Sign in
            </Button>
            <Button
              variant="default"
              disabled={!email}
              loading={reset.isPending}
              onClick={() => reset.run()}
            >
              Get a new password
            </Button>
          </Stack>
        </form>
        {suite && suite.accounts.length > 0 && (
          <Stack mt="lg" gap="xs">
            <Divider label="Accounts of this local suite" />
            {suite.accounts.map((account) => (
              <Button key={account.email} variant="default" onClick={() => signIn.run(account)}>
                {account.email}
              </Button>
            ))}
            <Text size="sm" c="dimmed">
              Password: {suite.accounts[0]?.password}
            </Text>
          </Stack>
        )}
      </Paper>
    </Center>
  );
}
