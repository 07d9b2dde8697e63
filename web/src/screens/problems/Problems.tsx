import { Anchor, Button, Code, Group, Paper, Stack, Text } from "@mantine/core";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { useDocuments } from "../../api/live";
import type { QuarantineRow } from "../../api/types";
import { useBackend } from "../../backend";
import { number, time } from "../../format";
import { useMay } from "../../session";
import { notifyDone, notifyError, notifyVain } from "../../ui/notify";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";

const SHOWN = 200;

/** The codes of docs/mapping.md, and what each asks for. */
const REASONS: Record<string, string> = {
  "document-invalid": "The document is not a map of fields.",
  "email-missing": "The order names nobody: give it an address, or the uid of its buyer.",
  "email-invalid": "The address cannot be read: write one plain address.",
  "user-invalid": "The buyer's uid is not one: write the account's uid, or null for a guest.",
  "status-missing": "The order has no status.",
  "status-unknown": "The status is a word that the settings do not list.",
  "amount-missing": "The order has no total: a free order has 0.",
  "amount-invalid": "An amount is not a plain number with the currency's decimal places.",
  "refund-above-total": "More was refunded than the order's total.",
  "currency-missing": "The order has no currency.",
  "currency-unknown": "The currency is not an ISO 4217 code such as EUR.",
  "time-invalid": "The time of the order is not a timestamp, or not a plausible one.",
  "too-large": "The order is too large to be counted with its customer.",
  "not-processed": "Every attempt ended in an error: ask who runs CRM-Lite to look at the log.",
};

/** The orders and users that cannot be understood, followed live. */
export default function Problems() {
  const rows = useDocuments<QuarantineRow>(
    { from: "crmQuarantine", orderBy: ["at", "desc"], limit: SHOWN },
    "id",
  );
  return (
    <>
      <PageHead title="Import problems" />
      <Text mb="md">
        Orders and users that cannot be understood are counted nowhere and wait here. They leave by
        themselves when they are mended.
      </Text>
      {rows.error && <ErrorNotice error={rows.error} />}
      {!rows.data && !rows.error && <LoadingRows />}
      {rows.data?.length === 0 && <EmptyNotice title="Nothing waits here." />}
      {rows.data?.length === SHOWN && <Text mb="md">The latest {number(SHOWN)} are shown.</Text>}
      <Stack>
        {rows.data?.map((row) => (
          <QuarantinedDocument key={row.id} row={row} />
        ))}
      </Stack>
    </>
  );
}

function QuarantinedDocument({ row }: { row: QuarantineRow }) {
  const backend = useBackend();
  const editor = useMay("editor");
  const retry = useDeed({
    work: () => call(backend, "retry_quarantine", { id: row.id }),
    onSuccess: ({ resolved }) =>
      resolved ? notifyDone("It is understood now.") : notifyVain("It still cannot be understood."),
    onError: notifyError,
  });
  const path = `${row.collection}/${row.documentId}`;
  const console = `https://console.firebase.google.com/project/${backend.project}/firestore/data/~2F${encodeURIComponent(path).replaceAll("%", "~")}`;
  return (
    <Paper withBorder p="md" component="article" aria-label={path}>
      <Group justify="space-between">
        <div>
          <Text fw={600}>{REASONS[row.reason] ?? row.reason}</Text>
          <Text size="sm">
            <Code>{path}</Code> since {time(row.at)}
          </Text>
          {!backend.suite && (
            <Anchor href={console} target="_blank" rel="noreferrer" size="sm">
              Open the document
            </Anchor>
          )}
        </div>
        {editor && (
          <Button
            variant="default"
            size="compact-md"
            loading={retry.isPending}
            onClick={() => retry.run()}
          >
            Try again
          </Button>
        )}
      </Group>
    </Paper>
  );
}
