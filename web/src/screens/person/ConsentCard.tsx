import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import type { Customer } from "../../api/types";
import { useBackend } from "../../backend";
import { time } from "../../format";
import { useMay } from "../../session";
import { Card } from "../../ui/Card";
import { Confirm } from "../../ui/Confirm";
import { ConsentBadge, mailAddressOf } from "../../ui/CustomerCells";
import { notifyDone } from "../../ui/notify";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { decisionsOf, evidenceOf, sourceOf, useConsents } from "./consents";

/** The consent to newsletters, the decisions that led to it, and recording a new one. */
export function ConsentCard({ customer, version }: { customer: Customer; version: number }) {
  const editor = useMay("editor");
  const { status, at, source } = customer.marketing;
  const [next, setNext] = useState<"subscribed" | "unsubscribed" | null>(null);
  return (
    <Card title="Newsletter">
      <Group gap="xs">
        <ConsentBadge marketing={customer.marketing} />
        {at && <Text size="sm">{time(at)}</Text>}
        {source && <Text size="sm">{sourceOf(source)}</Text>}
      </Group>
      {customer.marketing.pending && (
        <Text size="sm" c="dimmed">
          Somebody ticked the box with this address, and nobody has confirmed that it was its owner.
          It gets no newsletter.
        </Text>
      )}
      {customer.marketing.unreachable && (
        <Text size="sm" c="dimmed">
          Mail to this address has come back since {time(customer.marketing.unreachable)}. It gets
          no newsletter.
        </Text>
      )}
      {editor && (
        <Group gap="xs">
          {status !== "subscribed" && (
            <Button
              size="compact-sm"
              variant="default"
              disabled={!mailAddressOf(customer)}
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
      <Evidence customer={customer} version={version} />
      <NewDecision customer={customer} status={next} close={() => setNext(null)} />
    </Card>
  );
}

const FEW = 3;

/** Every decision that was ever recorded, the latest first. */
function Evidence({ customer, version }: { customer: Customer; version: number }) {
  const consents = useConsents(customer.customerId, version);
  const [all, setAll] = useState(false);
  if (consents.error) return <ErrorNotice error={consents.error} retry={consents.refetch} />;
  if (!consents.data) return <LoadingRows count={1} />;
  const decisions = decisionsOf(consents.data.pages.flatMap((page) => page.consents));
  const more = decisions.length > FEW && !all;
  return (
    <Stack gap="xs" component="ul" m={0} p={0} aria-label="What was decided" className="plain">
      {decisions.slice(0, all ? undefined : FEW).map((one) => (
        <li key={one.consentId}>
          <Text size="sm">
            {one.status === "subscribed" ? "Agreed" : "Withdrew"} {time(one.at)},{" "}
            {sourceOf(one.source)}
          </Text>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {one.of.join(", ")}
          </Text>
          {one.evidence && (
            <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
              “{evidenceOf(one.evidence)}”
            </Text>
          )}
        </li>
      ))}
      {(more || consents.hasNextPage) && (
        <li>
          <Button
            size="compact-sm"
            variant="default"
            loading={consents.isFetchingNextPage}
            onClick={() => (more ? setAll(true) : consents.fetchNextPage())}
          >
            Earlier decisions
          </Button>
        </li>
      )}
    </Stack>
  );
}

function NewDecision(props: {
  customer: Customer;
  status: "subscribed" | "unsubscribed" | null;
  close: () => void;
}) {
  const backend = useBackend();
  const [evidence, setEvidence] = useState("");
  const { status } = props;
  const record = useDeed({
    work: () =>
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
      close={() => {
        record.reset();
        setEvidence("");
        props.close();
      }}
      confirm={() => record.run()}
    >
      <Text size="sm">
        {status === "subscribed"
          ? `For ${mailAddressOf(props.customer)}. It counts from now.`
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
