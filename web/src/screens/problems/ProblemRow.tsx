import { Anchor, Button, Code, Group, Paper, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { useOrderUrl } from "../../api/person";
import type { QuarantineRow } from "../../api/types";
import { useBackend } from "../../backend";
import { dateOf, time } from "../../format";
import { useMay } from "../../session";
import { notifyDone, notifyError, notifyVain } from "../../ui/notify";
import { t } from "../../words";
import { documentPage } from "./grouping";

/** One document that cannot be read, with what is wrong for whoever may see it, and the ways to it. */
export function ProblemRow({ row, kind }: { row: QuarantineRow; kind: "orders" | "users" }) {
  const backend = useBackend();
  const editor = useMay("editor");
  const path = `${row.collection}/${row.documentId}`;
  const settings = useQuery({
    queryKey: ["settings"],
    queryFn: () => call(backend, "get_settings"),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const again = useDeed({
    work: () => call(backend, "retry_quarantine", { id: row.id }),
    onSuccess: ({ resolved }) =>
      resolved ? notifyDone(t("problems.now")) : notifyVain(t("problems.stillNot")),
    onError: notifyError,
  });
  const documentUrl = documentPage(settings.data?.settings.documentUrl ?? null, path);
  // The id of an order below something else is made of both: its page is not known by the document alone.
  const byOrder = useOrderUrl();
  const orderUrl =
    kind === "orders" && !row.collection.includes("/") ? byOrder(row.documentId) : null;
  return (
    <Paper component="li" withBorder p="sm" aria-label={path}>
      <Group justify="space-between" align="flex-start" gap="xs">
        <div style={{ minWidth: 0, flex: 1 }}>
          <Group gap="xs">
            <Code style={{ overflowWrap: "anywhere" }}>{path}</Code>
            <Text size="sm" c="dimmed">
              {t("problems.since", { at: time(row.at) })}
            </Text>
          </Group>
          {editor && <Explained row={row} />}
          <Group gap="md">
            {orderUrl && (
              <Anchor href={orderUrl} target="_blank" rel="noreferrer" size="sm">
                {t("problems.openOrder")}
              </Anchor>
            )}
            {documentUrl && (
              <Anchor href={documentUrl} target="_blank" rel="noreferrer" size="sm">
                {t("problems.openDocument")}
              </Anchor>
            )}
          </Group>
        </div>
        {editor && (
          <Button
            variant="default"
            size="compact-sm"
            miw="max-content"
            loading={again.isPending}
            onClick={() => again.run()}
          >
            {t("problems.check")}
          </Button>
        )}
      </Group>
    </Paper>
  );
}

/** Which field is not understood, and what stands there: as the document is now. */
function Explained({ row }: { row: QuarantineRow }) {
  const backend = useBackend();
  const told = useQuery({
    queryKey: ["explain_quarantine", row.id, row.reason, dateOf(row.at).getTime()],
    queryFn: () => call(backend, "explain_quarantine", { id: row.id }),
    gcTime: 0, // it can be anybody's data
    retry: false,
  });
  if (told.isPending) return <Skeleton h={20} my={4} aria-busy="true" />;
  if (!told.data) return null; // it has left meanwhile, or the row says enough
  const { field, value, message } = told.data;
  return (
    <>
      {field && (
        <Text size="sm">
          {value === null ? t("problems.nothingIn") : t("problems.standsIn")} <Code>{field}</Code>
          {value !== null && (
            <>
              {": "}
              <Code style={{ overflowWrap: "anywhere" }}>{value}</Code>
            </>
          )}
        </Text>
      )}
      <Text size="sm" lang="en">
        {message}
      </Text>
    </>
  );
}
