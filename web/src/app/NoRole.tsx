import { Button, Center, Code, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { sendEmailVerification, signOut, type User } from "firebase/auth";
import { useState } from "react";
import { useDeed } from "../api/deeds";
import { useBackend } from "../backend";
import { ErrorNotice } from "../ui/PageParts";
import { t } from "../words";

/** Fetch what is known of the account by now, then a token that says so. */
async function askAgain(user: User) {
  await user.reload();
  await user.getIdToken(true);
}

function AskForRole({ user }: { user: User }) {
  return (
    <>
      <Text>{t("signIn.noRole", { email: user.email })}</Text>
      <Code block tabIndex={0}>
        {`python -m crm grant ${user.email} viewer`}
      </Code>
    </>
  );
}

/** A role counts only beside a verified address: anybody can sign up with anybody's. */
function AskForProof({ user }: { user: User }) {
  const [sent, setSent] = useState(false);
  const sending = useDeed({
    work: () => sendEmailVerification(user),
    onSuccess: () => setSent(true),
  });
  return (
    <>
      <Text>{t("signIn.notVerified", { email: user.email })}</Text>
      {sending.error && <ErrorNotice error={sending.error} />}
      {sent && <Text role="status">{t("signIn.mailSent")}</Text>}
      <Group>
        <Button variant="default" loading={sending.isPending} onClick={() => sending.run()}>
          {t("signIn.sendMail")}
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
            {t("signIn.noRoleYet")}
          </Title>
          {user.emailVerified ? <AskForRole user={user} /> : <AskForProof user={user} />}
          <Group>
            <Button onClick={() => askAgain(user)}>{t("signIn.haveOne")}</Button>
            <Button variant="default" onClick={() => signOut(auth)}>
              {t("shell.signOut")}
            </Button>
          </Group>
        </Stack>
      </Paper>
    </Center>
  );
}
