import { Tabs } from "@mantine/core";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";

export interface Tab {
  value: string;
  label: string;
  panel: () => ReactNode;
}

/** Parts of a page beside each other; which one is looked at is in the address, and the first one has none. Another
 * part is another question: of the address it keeps nothing. */
export function AddressTabs({ name, tabs }: { name: string; tabs: [Tab, ...Tab[]] }) {
  const [asked, ask] = useSearchParams();
  const shown = tabs.find((tab) => tab.value === asked.get("tab")) ?? tabs[0];
  const show = (tab: string | null) =>
    ask(tab && tab !== tabs[0].value ? { tab } : {}, { replace: true });
  return (
    <Tabs value={shown.value} onChange={show} keepMounted={false}>
      <Tabs.List className="not-printed" aria-label={name}>
        {tabs.map((tab) => (
          <Tabs.Tab key={tab.value} value={tab.value}>
            {tab.label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map((tab) => (
        <Tabs.Panel key={tab.value} value={tab.value} pt="md">
          {tab === shown && tab.panel()}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
