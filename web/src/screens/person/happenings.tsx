import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { useOwnFields } from "../../api/ownFields";
import { type Rows, type RuleRun, type SentMail, useRows } from "../../api/person";
import { useTagLabels } from "../../api/queries";
import type { AuditEntry, Customer, Order, TicketedEvent } from "../../api/types";
import { doneInWords } from "../../audit/happened";
import { useWho } from "../../audit/who";
import { dateOf, money } from "../../format";
import { useMay } from "../../session";
import { EventLink } from "../../ui/EventParts";
import { t } from "../../words";
import { detailsOf, type Known } from "./audited";
import { type Decision, decisionsOf, sourceOf } from "./consents";
import { attendanceInWords } from "./EventsTab";
import { type Kind, kindOf } from "./kinds";
import { MailLink, WhatCameBack } from "./MailsTab";
import { OrderNumber } from "./OrderNumber";
import { OrderState } from "./OrdersTab";
import { customerSince } from "./since";
import { mailStateInWords } from "./statuses";
import { nextOf, type Source, together } from "./timeline";

/** Something that happened to a person, or that was done to them. */
export interface Happening {
  key: string;
  at: Date;
  kind: Kind | "since";
  title: ReactNode;
  body?: ReactNode;
  /** Who did it, where that is known. */
  who?: string;
}

export interface Asked {
  customer: Customer;
  version: number;
  orders: Rows<Order>;
}

const PAGE = 200;

/** What happened, the latest first, of one kind or of all: as far back as all that is asked for is known. What
 * is there is shown while the rest is on its way. */
export function useHappenings({ customer, version, orders }: Asked, kind: Kind | null) {
  const { customerId } = customer;
  const admin = useMay("admin");
  const who = useWho();
  const labels = useTagLabels();
  const fields = useOwnFields();
  const wanted = (...kinds: Kind[]) => kind === null || kinds.includes(kind);
  const trail = admin && wanted("consents", "rules", "merges", "tags", "notes", "other");
  const consents = useRows("list_consents", customerId, version, {
    enabled: wanted("consents"),
    pageSize: PAGE,
  });
  const mails = useRows("list_mails", customerId, version, {
    enabled: wanted("mails"),
  });
  const runs = useRows("list_rule_runs", customerId, version, {
    enabled: wanted("rules"),
  });
  const audit = useRows("list_audit", customerId, version, {
    enabled: trail,
  });
  const asked: Rows<unknown>[] = [];
  const sources: Source<Happening>[] = [];
  const add = <Row,>(list: Rows<Row>, of: (rows: Row[]) => Happening[]) => {
    asked.push(list);
    sources.push({ rows: of(list.rows ?? []), more: list.more });
  };
  const known: Known = { customerId, labels, fields };
  if (wanted("orders")) add(orders, (rows) => rows.map((one) => ordered(one, customer)));
  if (wanted("mails")) add(mails, (rows) => rows.map(mailed));
  if (wanted("rules")) add(runs, (rows) => rows.map(ruled));
  if (trail) {
    const entries = (rows: AuditEntry[]) =>
      rows
        .filter(({ action }) => !action.startsWith("consent."))
        .map((one) => acted(one, known, who(one.actor)))
        .filter((one) => kind === null || one.kind === kind);
    add(audit, entries);
  }
  if (wanted("consents")) {
    const recorded = new Map(
      (audit.rows ?? [])
        .filter(({ action }) => action.startsWith("consent."))
        .map(({ at, actor }) => [dateOf(at).getTime(), who(actor)]),
    );
    add(consents, (rows) =>
      decisionsOf(rows).map((one) => decided(one, recorded.get(dateOf(one.at).getTime()))),
    );
  }
  if (wanted("events")) sources.push({ rows: held(customer), more: false });
  if (kind === null && orders.rows && !orders.more) {
    const at = dateOf(customerSince(customer, orders.rows));
    const title = t("person.customerSince");
    sources.push({ rows: [{ key: "since", kind: "since", at, title }], more: false });
  }
  const further = nextOf(sources);
  return {
    happenings: together(sources),
    waiting: asked.some((list) => !list.rows && !list.error),
    error: asked.find((list) => list.error)?.error ?? null,
    retry: () => {
      for (const list of asked) if (list.error) list.retry();
    },
    more: further.length > 0,
    fetching: asked.some((list) => list.fetching),
    // Lists of callables come first among the sources, in the same order.
    fetchMore: () => {
      for (const place of further) asked[place]?.fetchMore();
    },
  };
}

function ordered(order: Order, customer: Customer): Happening {
  const known = order.net !== null && order.currency !== null;
  return {
    key: `order ${order.orderId}`,
    kind: "orders",
    at: dateOf(order.createdAt ?? customer.createdAt),
    title: (
      <>
        <OrderNumber orderId={order.orderId}>
          {t("person.activity.order", { orderId: order.orderId })}
        </OrderNumber>
        {known && `: ${money(order.net ?? 0, order.currency ?? "")}`}
      </>
    ),
    body: (
      <>
        <OrderState order={order} />
        {order.eventIds.map((id) => (
          <Text size="sm" lh="24px" key={id}>
            <EventLink eventId={id} name={customer.events[id]?.name} />
          </Text>
        ))}
      </>
    ),
  };
}

function held(customer: Customer): Happening[] {
  const now = new Date();
  const dated = Object.entries(customer.events).filter(([, event]) => event.startsAt);
  return dated.map(([id, event]: [string, TicketedEvent]) => ({
    key: `event ${id}`,
    kind: "events",
    at: dateOf(event.startsAt ?? customer.createdAt),
    title: <EventLink eventId={id} name={event.name} />,
    body: <Text size="sm">{attendanceInWords(event, now)}</Text>,
  }));
}

function decided(decision: Decision, who: string | undefined): Happening {
  return {
    key: `consent ${decision.consentId}`,
    kind: "consents",
    at: dateOf(decision.at),
    title:
      decision.status === "subscribed"
        ? t("person.activity.subscribed")
        : t("person.activity.unsubscribed"),
    body: <Text size="sm">{sourceOf(decision)}</Text>,
    who: decision.source === "staff" ? who : undefined,
  };
}

function mailed(mail: SentMail): Happening {
  return {
    key: `mail ${mail.campaignId} ${mail.at}`,
    kind: "mails",
    at: dateOf(mail.at),
    title: <MailLink mail={mail} />,
    body: (
      <>
        <Text size="sm">{mailStateInWords(mail.state)}</Text>
        <WhatCameBack mail={mail} />
      </>
    ),
  };
}

function ruled(run: RuleRun): Happening {
  const name = run.rule ?? t("person.activity.deletedRule");
  return {
    key: `rule ${run.ruleId} ${run.at}`,
    kind: "rules",
    at: dateOf(run.at),
    title: (
      <Link className="link" to={run.rule ? `/rules/${run.ruleId}` : "/rules"}>
        {t("person.activity.rule", { name })}
      </Link>
    ),
    body: (
      <Text size="sm">
        {run.did === "tags" ? t("person.activity.ruleTagged") : t("person.activity.ruleSent")}
      </Text>
    ),
  };
}

function acted(entry: AuditEntry, known: Known, who: string): Happening {
  const details = detailsOf(entry, known);
  return {
    key: `audit ${entry.entryId}`,
    kind: kindOf(entry.action),
    at: dateOf(entry.at),
    title: doneInWords(entry),
    body: details && <Text size="sm">{details}</Text>,
    who,
  };
}
