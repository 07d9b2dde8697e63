import { Alert, Button, Checkbox, Group, Text } from "@mantine/core";
import { IconArrowsExchange } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { useCustomer } from "../../api/person";
import type { Customer, MergePreview, Note } from "../../api/types";
import { useBackend } from "../../backend";
import { useMay } from "../../session";
import { Confirm } from "../../ui/Confirm";
import { nameOf } from "../../ui/CustomerCells";
import { notifyUndo } from "../../ui/notify";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t, wordsFor } from "../../words";
import { Comparison } from "./Comparison";

/** Two people side by side, and making one of them. The one whose page it is stays, unless that is swapped. */
export function MergeDialog(props: {
  customer: Customer;
  otherId: string;
  close: () => void;
  undo: (mergeId: string) => void;
}) {
  const backend = useBackend();
  const queries = useQueryClient();
  const go = useNavigate();
  const admin = useMay("admin");
  const [swapped, setSwapped] = useState(false);
  const [twoUsers, setTwoUsers] = useState(false);
  const { customer, close } = props;
  const found = useCustomer(props.otherId);
  const other = found.data?.customer;
  const one = other?.customerId === customer.customerId; // merged by now
  const [stays, goes] = swapped ? [other, customer] : [customer, other];
  const merge = (dryRun: boolean) =>
    call(backend, "merge_customers", {
      sourceId: goes?.customerId ?? "",
      targetId: stays?.customerId ?? "",
      dryRun,
      allowTwoUsers: twoUsers,
    });
  const preview = useQuery({
    queryKey: ["merge", goes?.customerId, stays?.customerId, twoUsers, customer.updatedAt],
    queryFn: () => merge(true),
    enabled: other !== undefined && !one,
    staleTime: 0,
    gcTime: 0,
    // Of the same two alone: never what becomes of somebody else.
    placeholderData: (before, query) =>
      query?.queryKey[1] === goes?.customerId && query?.queryKey[2] === stays?.customerId
        ? before
        : undefined,
    retry: false,
  });
  const merging = useDeed({
    work: () => merge(false),
    onSuccess: (answer) => {
      const { mergeId } = answer;
      if (mergeId) notifyUndo(t("person.merge.done"), () => props.undo(mergeId));
      for (const key of ["customers", "customer"]) queries.invalidateQueries({ queryKey: [key] });
      if (swapped) go(`/people/${answer.customer.customerId}`, { replace: true });
      else close();
    },
  });
  const told = preview.data;
  const stops = told?.stops ?? [];
  const ticked = admin && (twoUsers || stops.some(({ reason }) => reason === "two-users"));
  const refused = stops.filter(({ reason }) => !(ticked && reason === "two-users"));
  return (
    <Confirm
      title={t("person.merge.title")}
      action={t("person.merge.do")}
      size="lg"
      pending={merging.isPending}
      error={merging.error}
      disabled={!told || stops.length > 0 || preview.isFetching}
      close={close}
      confirm={() => merging.run()}
    >
      {found.error && <ErrorNotice error={found.error} retry={found.refetch} />}
      {!other && !found.error && <LoadingRows count={3} />}
      {one && <Text>{t("person.merge.alreadyOne")}</Text>}
      {!one && stays && goes && (
        <>
          <Comparison stays={stays} goes={goes} />
          <Group>
            <Button
              variant="default"
              size="compact-sm"
              disabled={merging.isPending}
              leftSection={<IconArrowsExchange size={16} aria-hidden />}
              onClick={() => setSwapped(!swapped)}
            >
              {t("person.merge.swap")}
            </Button>
          </Group>
        </>
      )}
      {preview.error && <ErrorNotice error={preview.error} retry={preview.refetch} />}
      {told && <After preview={told} />}
      {refused.map((stop) => (
        <Alert key={stop.reason} color="red" title={t("person.merge.stops")}>
          {inWords("stop", stop)}
        </Alert>
      ))}
      {told?.warnings?.map((warning) => (
        <Alert key={warning.reason} color="yellow" title={t("shared.pleaseCheck")}>
          {inWords("warning", warning)}
        </Alert>
      ))}
      {ticked && (
        <Checkbox
          label={t("person.merge.twoUsers")}
          checked={twoUsers}
          disabled={merging.isPending}
          onChange={(event) => setTwoUsers(event.currentTarget.checked)}
        />
      )}
    </Confirm>
  );
}

const inWords = (kind: "stop" | "warning", { reason, message }: Note): string =>
  wordsFor(`person.merge.${kind}.${reason}`) ?? message;

/** What becomes of them, as the server says it. */
function After({ preview }: { preview: MergePreview }) {
  const { customer, moves } = preview;
  return (
    <Text>
      {moves &&
        t("person.merge.moves", {
          orders: t("person.merge.orders", { count: moves.orders }),
          identities: t("person.merge.identities", { count: moves.identities }),
          events: t("person.merge.events", { count: moves.events }),
        })}{" "}
      {t("person.merge.after", {
        name: nameOf(customer),
        orders: t("person.merge.orders", { count: customer.orderCount }),
      })}
    </Text>
  );
}
