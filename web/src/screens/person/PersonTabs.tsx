import { Tabs } from "@mantine/core";
import { useSearchParams } from "react-router";
import type { Rows } from "../../api/person";
import type { Customer, Likely, Order } from "../../api/types";
import { t } from "../../words";
import { ActivityTab } from "./ActivityTab";
import { ConsentTab } from "./ConsentTab";
import { DuplicatesTab } from "./DuplicatesTab";
import { EventsTab } from "./EventsTab";
import { MailsTab } from "./MailsTab";
import type { useMerging } from "./Merging";
import { OrdersTab } from "./OrdersTab";

const TABS = ["activity", "orders", "events", "consent", "mails", "duplicates"] as const;

/** All that is known of a person, by topic; which one is looked at is in the address. */
export function PersonTabs(props: {
  customer: Customer;
  version: number;
  orders: Rows<Order>;
  likely: Likely[] | undefined;
  merging: ReturnType<typeof useMerging>;
}) {
  const { customer, version, orders, merging } = props;
  const [asked, ask] = useSearchParams();
  const shown = TABS.find((tab) => tab === asked.get("tab")) ?? "activity";
  const show = (tab: string | null) => ask(tab && tab !== "activity" ? { tab } : {}, REPLACED);
  const panels = {
    activity: () => <ActivityTab customer={customer} version={version} orders={orders} />,
    orders: () => <OrdersTab customer={customer} orders={orders} />,
    events: () => <EventsTab customer={customer} />,
    consent: () => <ConsentTab customer={customer} version={version} />,
    mails: () => <MailsTab customer={customer} version={version} />,
    duplicates: () => (
      <DuplicatesTab
        customer={customer}
        likely={props.likely}
        compare={merging.compare}
        find={merging.find}
        undo={merging.undo}
      />
    ),
  };
  return (
    <Tabs value={shown} onChange={show} keepMounted={false}>
      <Tabs.List className="not-printed" aria-label={t("person.tabs")}>
        {TABS.map((tab) => (
          <Tabs.Tab key={tab} value={tab}>
            {t(`person.tab.${tab}`)}
            {tab === "duplicates" && !!props.likely?.length && ` (${props.likely.length})`}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {TABS.map((tab) => (
        <Tabs.Panel key={tab} value={tab} pt="md">
          {tab === shown && panels[tab]()}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

/** One page of the history, whatever is looked at there: Back leads to where one came from. */
const REPLACED = { replace: true };
