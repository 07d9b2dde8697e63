import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import type { Customer, Likely } from "../../api/types";
import { useBackend } from "../../backend";
import { useMay } from "../../session";
import { Card } from "../../ui/Card";
import { CustomerLink } from "../../ui/CustomerCells";
import { notifyDone, notifyError } from "../../ui/notify";
import { FindDuplicateDialog } from "./FindDuplicateDialog";
import { MergeDialog } from "./MergeDialog";

const REASONS: Record<Likely["reason"], string> = {
  "unproven-address":
    "An account claims the other's address and has not proven it. They become one by themselves once it has.",
  "address-conflict": "Both are accounts that have shown that the address is theirs.",
};

/** The customers who are likely the same person, merging, and undoing the last merge. */
export function DuplicatesCard({ customer, likely }: { customer: Customer; likely: Likely[] }) {
  const backend = useBackend();
  const editor = useMay("editor");
  const [other, setOther] = useState<string | null>(null);
  const [finding, setFinding] = useState(false);
  const merges = customer.merges?.open ?? [];
  const undo = useDeed({
    work: (mergeId: string) =>
      call<{ customers: Customer[] }>(backend, "unmerge_customers", { mergeId }),
    onError: notifyError,
    onSuccess: () => notifyDone("The merge is undone: they are two customers again."),
  });
  const last = merges.at(-1);
  return (
    <Card
      title="Same person?"
      action={
        editor && (
          <Button size="compact-sm" variant="default" onClick={() => setFinding(true)}>
            Merge with…
          </Button>
        )
      }
    >
      {!likely.length && <Text c="dimmed">No other customer looks like the same person.</Text>}
      {likely.map((one) => (
        <LikelyRow key={one.customerId} likely={one} merge={editor ? setOther : undefined} />
      ))}
      {editor && last && (
        <Group justify="space-between">
          <Text size="sm">
            {merges.length === 1
              ? "One merge can be undone."
              : `${merges.length} merges can be undone, the latest first.`}
          </Text>
          <Button
            size="compact-sm"
            variant="default"
            loading={undo.isPending}
            onClick={() => undo.run(last)}
          >
            Undo the last merge
          </Button>
        </Group>
      )}
      <FindDuplicateDialog
        opened={finding}
        but={customer.customerId}
        close={() => setFinding(false)}
        choose={(customerId) => {
          setFinding(false);
          setOther(customerId);
        }}
      />
      <MergeDialog
        sourceId={other}
        target={customer}
        close={() => setOther(null)}
        undo={(mergeId) => undo.run(mergeId)}
      />
    </Card>
  );
}

function LikelyRow({ likely, merge }: { likely: Likely; merge?: (customerId: string) => void }) {
  const backend = useBackend();
  const { customerId } = likely;
  const found = useQuery({
    queryKey: ["customer", customerId],
    queryFn: () => call<{ customer: Customer }>(backend, "get_customer", { customerId }),
  });
  return (
    <Stack gap={4}>
      <Group justify="space-between" wrap="nowrap">
        {found.data ? (
          <CustomerLink customer={found.data.customer} />
        ) : (
          <Link to={`/people/${customerId}`}>{customerId}</Link>
        )}
        {merge && (
          <Button size="compact-sm" onClick={() => merge(customerId)}>
            Preview merge
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed">
        {REASONS[likely.reason]}
      </Text>
    </Stack>
  );
}
