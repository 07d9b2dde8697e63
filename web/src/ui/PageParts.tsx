import { Alert, Button, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { refusalOf } from "../api/calls";
import { t } from "../words";

/** The head of a page: its only first-level heading, and what can be done there. */
export function PageHead(props: { title: string; children?: ReactNode }) {
  return (
    <Group justify="space-between" mb="md">
      <title>{`${props.title} · CRM-Lite`}</title>
      <Title order={1} size="h2">
        {props.title}
      </Title>
      <Group gap="xs">{props.children}</Group>
    </Group>
  );
}

/** A notice that there is nothing to show yet, and what would change that. */
export function EmptyNotice(props: { title: string; children?: ReactNode }) {
  return (
    <Paper withBorder p="xl">
      <Stack align="center" gap="xs">
        <Text fw={600}>{props.title}</Text>
        {props.children && (
          <Text c="dimmed" ta="center" component="div">
            {props.children}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}

/** A refusal or failure in words, with a button that tries again where that can be. */
export function ErrorNotice(props: { error: unknown; retry?: () => unknown }) {
  return (
    <Alert color="red" role="alert" my="sm">
      <Group justify="space-between">
        <Text>{refusalOf(props.error).message}</Text>
        {props.retry && (
          <Button size="compact-sm" variant="default" onClick={() => props.retry?.()}>
            {t("shared.tryAgain")}
          </Button>
        )}
      </Group>
    </Alert>
  );
}

/** Grey rows in the place of what is being loaded. */
export function LoadingRows({ count = 6 }: { count?: number }) {
  return (
    <Stack gap="xs" role="status" aria-busy="true" aria-label={t("shared.loading")}>
      {Array.from({ length: count }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows have nothing else
        <Skeleton key={row} h={36} />
      ))}
    </Stack>
  );
}
