import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconPrinter } from "@tabler/icons-react";
import { useState } from "react";
import { type Rows, useRows } from "../../api/person";
import type { Consent, Customer } from "../../api/types";
import { time } from "../../format";
import { useMay } from "../../session";
import { ConsentBadge, mailAddressOf, nameOf } from "../../ui/CustomerCells";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";
import { type Decision, decisionsOf, orderOf, plainSource, proofOf, sourceOf } from "./consents";
import { DecisionDialog } from "./DecisionDialog";
import { OrderNumber } from "./OrderNumber";
import { ReachableDialog } from "./ReachableDialog";
import "../../ui/print.css";

/** As many decisions as a page holds: what is printed is all of them. */
const PAGE = 200;

type Asking = "subscribed" | "unsubscribed" | "reachable" | null;

/** What somebody decided about the newsletter, with what shows it: to read, to print, and to add to. */
export function ConsentTab({ customer, version }: { customer: Customer; version: number }) {
  const editor = useMay("editor");
  const { status, at, source, pending, unreachable } = customer.marketing;
  const consents = useRows("list_consents", customer.customerId, version, {
    pageSize: PAGE,
  });
  const [asking, setAsking] = useState<Asking>(null);
  const close = () => setAsking(null);
  return (
    <Stack>
      <Text className="printed">
        {t("person.consent.printedFor", {
          name: nameOf(customer),
          address: mailAddressOf(customer) ?? "–",
          at: time(new Date().toISOString()),
        })}
      </Text>
      <Group gap="xs">
        <ConsentBadge marketing={customer.marketing} />
        {at && <Text size="sm">{time(at)}</Text>}
        {source && <Text size="sm">{plainSource(source)}</Text>}
      </Group>
      {pending && <Text size="sm">{t("person.consent.waiting")}</Text>}
      {unreachable && (
        <Text size="sm">{t("person.consent.unreachable", { at: time(unreachable) })}</Text>
      )}
      <Group gap="xs" className="not-printed">
        {editor && status !== "subscribed" && (
          <Button
            variant="default"
            disabled={!mailAddressOf(customer)}
            onClick={() => setAsking("subscribed")}
          >
            {t("person.consent.subscribe")}
          </Button>
        )}
        {editor && status !== "unsubscribed" && (
          <Button variant="default" onClick={() => setAsking("unsubscribed")}>
            {t("person.consent.unsubscribe")}
          </Button>
        )}
        {editor && unreachable && (
          <Button variant="default" onClick={() => setAsking("reachable")}>
            {t("person.consent.reachable")}
          </Button>
        )}
        <Button
          variant="default"
          leftSection={<IconPrinter size={16} aria-hidden />}
          onClick={() => window.print()}
        >
          {t("person.consent.print")}
        </Button>
      </Group>
      <Title order={2} size="h5">
        {t("person.consent.decisions")}
      </Title>
      <Decisions consents={consents} />
      {(asking === "subscribed" || asking === "unsubscribed") && (
        <DecisionDialog customer={customer} status={asking} close={close} />
      )}
      {asking === "reachable" && <ReachableDialog customer={customer} close={close} />}
    </Stack>
  );
}

/** Every decision that was ever recorded, the latest first. */
function Decisions({ consents }: { consents: Rows<Consent> }) {
  if (consents.error) return <ErrorNotice error={consents.error} retry={consents.retry} />;
  if (!consents.rows) return <LoadingRows count={2} />;
  const decisions = decisionsOf(consents.rows);
  if (!decisions.length) return <Text c="dimmed">{t("person.consent.none")}</Text>;
  return (
    <>
      <Stack
        gap="xs"
        component="ul"
        m={0}
        p={0}
        className="plain"
        aria-label={t("person.consent.decisions")}
      >
        {decisions.map((one) => (
          <Paper component="li" withBorder p="sm" key={one.consentId}>
            <DecisionRow decision={one} />
          </Paper>
        ))}
      </Stack>
      {consents.more && (
        <Group>
          <Button
            className="not-printed"
            variant="default"
            loading={consents.fetching}
            onClick={consents.fetchMore}
          >
            {t("person.consent.earlier")}
          </Button>
        </Group>
      )}
    </>
  );
}

function DecisionRow({ decision }: { decision: Decision }) {
  const orderId = orderOf(decision);
  const proof = proofOf(decision.evidence);
  return (
    <Stack gap={4}>
      <Group justify="space-between" gap="xs">
        <Text fw={600}>
          {decision.status === "subscribed" ? t("shared.subscribed") : t("shared.unsubscribed")}
        </Text>
        <Text size="sm">{time(decision.at)}</Text>
      </Group>
      <Text size="sm">
        {orderId ? (
          <OrderNumber orderId={orderId}>{sourceOf(decision)}</OrderNumber>
        ) : (
          sourceOf(decision)
        )}
      </Text>
      {decision.of.length > 0 && (
        <Text size="sm" c="dimmed">
          {t("person.consent.for", { who: decision.of.join(", ") })}
        </Text>
      )}
      {proof.length > 0 && (
        <div>
          <Text size="sm" fw={600}>
            {t("person.consent.proof")}
          </Text>
          {proof.map(({ label, text }) => (
            <Text size="sm" key={`${label} ${text}`} style={{ whiteSpace: "pre-wrap" }}>
              {label ? `${label}: ${text}` : `“${text}”`}
            </Text>
          ))}
        </div>
      )}
    </Stack>
  );
}
