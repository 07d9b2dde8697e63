import { Alert, Checkbox, List, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, reasonInWords } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { useTagLabels } from "../../api/queries";
import type { Customer, MergePreview } from "../../api/types";
import { useBackend } from "../../backend";
import { plural } from "../../format";
import { Confirm } from "../../ui/Confirm";
import { nameOf, Spend, TagList } from "../../ui/CustomerCells";
import { notifyUndo } from "../../ui/notify";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";

/** A preview of a merge, and the merge itself. The customer of the page survives. */
export function MergeDialog(props: {
  sourceId: string | null;
  target: Customer;
  close: () => void;
  undo: (mergeId: string) => void;
}) {
  const backend = useBackend();
  const queries = useQueryClient();
  const [twoUsers, setTwoUsers] = useState(false);
  const { sourceId } = props;
  const merge = (dryRun: boolean) =>
    call<MergePreview>(backend, "merge_customers", {
      sourceId,
      targetId: props.target.customerId,
      dryRun,
      allowTwoUsers: twoUsers,
    });
  const preview = useQuery({
    queryKey: ["merge", sourceId, props.target.customerId, twoUsers],
    queryFn: () => merge(true),
    enabled: sourceId !== null,
    staleTime: 0,
    gcTime: 0,
    // Of the same two alone: never what becomes of somebody else.
    placeholderData: (before, query) => (query?.queryKey[1] === sourceId ? before : undefined),
    retry: false,
  });
  const merging = useDeed({
    work: () => merge(false),
    onSuccess: ({ mergeId }) => {
      props.close();
      if (mergeId) notifyUndo("They are one customer now.", () => props.undo(mergeId));
      queries.invalidateQueries({ queryKey: ["customers"] });
    },
  });
  const close = () => {
    setTwoUsers(false);
    merging.reset();
    props.close();
  };
  const told = preview.data;
  const stops = told?.stops ?? [];
  const warnings = told?.warnings ?? [];
  const bothUsers = twoUsers || stops.some((stop) => stop.reason === "two-users");
  return (
    <Confirm
      opened={sourceId !== null}
      title="Merge into this customer?"
      action="Merge"
      size="lg"
      pending={merging.isPending}
      error={merging.error}
      disabled={!told || stops.length > 0 || preview.isPlaceholderData || preview.isFetching}
      close={close}
      confirm={() => merging.run()}
    >
      {preview.error && <ErrorNotice error={preview.error} retry={preview.refetch} />}
      {preview.isLoading && <LoadingRows count={3} />}
      {told && <After preview={told} />}
      {stops.map((stop) => (
        <Alert key={stop.reason} color="red" title="This stops the merge">
          {reasonInWords(stop)}
        </Alert>
      ))}
      {warnings.map((warning) => (
        <Alert key={warning.reason} color="yellow" title="Worth a second look">
          {warning.message}
        </Alert>
      ))}
      {bothUsers && (
        <Checkbox
          label="I know that both accounts are of one person"
          checked={twoUsers}
          onChange={(event) => setTwoUsers(event.currentTarget.checked)}
        />
      )}
    </Confirm>
  );
}

function After({ preview }: { preview: MergePreview }) {
  const labels = useTagLabels();
  const { customer, moves } = preview;
  return (
    <>
      {moves && (
        <Text>
          {plural(moves.orders, "order")},{" "}
          {plural(moves.identities, "address or account", "addresses and accounts")} and{" "}
          {plural(moves.events, "event")} move.
        </Text>
      )}
      <Text>Afterwards there is one customer, {nameOf(customer)}:</Text>
      <List>
        {customer.emails.map((email) => (
          <List.Item key={email}>{email}</List.Item>
        ))}
        <List.Item>{plural(customer.orderCount, "order")}</List.Item>
      </List>
      <Spend spend={customer.totalSpend} />
      <TagList tags={customer.tags} labels={labels} />
    </>
  );
}
