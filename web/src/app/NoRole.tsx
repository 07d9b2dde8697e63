import { Button, Center, Code, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { signOut, type User } from "firebase/auth";
import { useBackend } from "../backend";

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
          <Text>
            You are signed in as {user.email}, but nobody has given this account a role. Ask who
            runs CRM-Lite for one:
          </Text>
          <Code block tabIndex={0}>
            python -m crm grant {user.email} viewer
          </Code>
          <Group>
            <Button onClick={() => user.getIdToken(true)}>I have one now</Button>
            <Button variant="default" onClick={() => signOut(auth)}>
              Sign out
            </Button>
          </Group>
        </Stack>
      </Paper>
    </Center>
  );
}
