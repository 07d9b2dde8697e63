import { Button, Center, Code, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { sendEmailVerification, signOut, type User } from "firebase/auth";
import { useDeed } from "../api/deeds";
import { useBackend } from "../backend";
import { notifyDone, notifyError } from "../ui/notify";

/** Fetch what is known of the account by now, then a token that says so. */
async function askAgain(user: User) {
  await user.reload();
  await user.getIdToken(true);
}

function AskForRole({ user }: { user: User }) {
  return (
    <>
      <Text>
        You are signed in as {user.email}, but nobody has given this account a role. Ask who runs
        CRM-Lite for one:
      </Text>
      <Code block tabIndex={0}>
        python -m crm grant {user.email} viewer
      </Code>
    </>
  );
}

/** A role counts only beside a verified address: anybody can sign up with anybody's. */
function AskForProof({ user }: { user: User }) {
  const sending = useDeed({
    work: () => sendEmailVerification(user),
    onSuccess: () => notifyDone("The mail is on its way."),
    onError: notifyError,
  });
  return (
    <>
      <Text>
        You are signed in as {user.email}, but nobody has shown yet that this address is yours. A
        role counts only beside a verified address: follow the link in the mail that confirms it,
        then ask who runs CRM-Lite for a role, unless you have one.
      </Text>
      <Group>
        <Button variant="default" loading={sending.isPending} onClick={() => sending.run()}>
          Send me that mail
        </Button>
      </Group>
    </>
  );
}

/** For who has an account and no role: what to ask for. */
export function NoRole({ user }: { user: User }) {
  const { auth } = useBackend();
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder p="xl" maw={480}>
        <Stack>
          <Title order={1} size="h2">
            No role yet
          </Title>
          {user.emailVerified ? <AskForRole user={user} /> : <AskForProof user={user} />}
          <Group>
            <Button onClick={() => askAgain(user)}>I have one now</Button>
            <Button variant="default" onClick={() => signOut(auth)}>
              Sign out
            </Button>
          </Group>
        </Stack>
      </Paper>
    </Center>
  );
}
