import { Button, Group, Text, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/calls";
import type { Customer } from "../../api/types";
import { useMay } from "../../app/session";
import { useBackend } from "../../backend";
import { Consent } from "../../ui/Bits";
import { Card } from "../../ui/Card";
import { Confirm } from "../../ui/Confirm";
import { time } from "../../ui/format";
import { notifyDone } from "../../ui/notify";

const SOURCES: Record<string, string> = {
  order: "ticked in an order",
  staff: "recorded by staff",
  unsubscribe: "by the link in a newsletter",
  suppression: "the address had withdrawn before",
};

/** What the person decided about newsletters, and recording a new decision with its evidence. */
export function ConsentCard({ customer }: { customer: Customer }) {
  const editor = useMay("editor");
  const { status, at, source } = customer.marketing;
  const [next, setNext] = useState<"subscribed" | "unsubscribed" | null>(null);
  return (
    <Card title="Newsletter">
      <Group gap="xs">
        <Consent status={status} />
        {at && <Text size="sm">{time(at)}</Text>}
        {source && <Text size="sm">{SOURCES[source] ?? source}</Text>}
      </Group>
      {editor && (
        <Group gap="xs">
          {status !== "subscribed" && (
            <Button
              size="compact-sm"
              variant="default"
              disabled={!customer.primaryEmail}
              onClick={() => setNext("subscribed")}
            >
              Record a subscription
            </Button>
          )}
          {status !== "unsubscribed" && (
            <Button size="compact-sm" variant="default" onClick={() => setNext("unsubscribed")}>
              Record a withdrawal
            </Button>
          )}
        </Group>
      )}
      <Decision customer={customer} status={next} close={() => setNext(null)} />
    </Card>
  );
}

function Decision(props: {
  customer: Customer;
  status: "subscribed" | "unsubscribed" | null;
  close: () => void;
}) {
  const backend = useBackend();
  const [evidence, setEvidence] = useState("");
  const { status } = props;
  const record = useMutation({
    mutationFn: () =>
      call(backend, "set_consent", {
        customerId: props.customer.customerId,
        status,
        evidence: evidence.trim() || null,
      }),
    onSuccess: () => {
      notifyDone("The decision is recorded.");
      setEvidence("");
      props.close();
    },
  });
  return (
    <Confirm
      opened={status !== null}
      title={status === "subscribed" ? "Record a subscription" : "Record a withdrawal"}
      action="Record"
      pending={record.isPending}
      error={record.error}
      disabled={status === "subscribed" && !evidence.trim()}
      close={props.close}
      confirm={() => record.mutate()}
    >
      <Text size="sm">
        {status === "subscribed"
          ? `For ${props.customer.primaryEmail}. It counts from now.`
          : "For every address of this customer. It counts from now."}
      </Text>
      <Textarea
        label="Evidence"
        description="Where and how the person said so, and to which text"
        required={status === "subscribed"}
        maxLength={1000}
        minRows={3}
        autosize
        value={evidence}
        onChange={(event) => setEvidence(event.currentTarget.value)}
        data-autofocus
      />
    </Confirm>
  );
}
