import { Tabs } from "@mantine/core";
import type { ComponentType } from "react";
import { useSearchParams } from "react-router";
import { PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { Buyers } from "./Buyers";
import { Cohorts } from "./Cohorts";
import { Compared } from "./Compared";
import { Growth } from "./Growth";
import { Revenue } from "./Revenue";
import { Rfm } from "./Rfm";

const TABS = ["revenue", "buyers", "cohorts", "rfm", "events", "growth"] as const;
type Tab = (typeof TABS)[number];

const REPORTS: Record<Tab, ComponentType> = {
  revenue: Revenue,
  buyers: Buyers,
  cohorts: Cohorts,
  rfm: Rfm,
  events: Compared,
  growth: Growth,
};

/** What the shop's business is like. The address of the page says which report, and what it is asked. */
export default function Reports() {
  const [params, setParams] = useSearchParams();
  const tab = TABS.find((one) => one === params.get("tab")) ?? "revenue";
  const Report = REPORTS[tab];
  return (
    <>
      <PageHead title={t("nav.reports")} />
      <Tabs
        value={tab}
        onChange={(next) => setParams(next ? { tab: next } : {}, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List aria-label={t("reports.label")}>
          {TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`reports.tabs.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map((one) => (
          <Tabs.Panel key={one} value={one} pt="md">
            {one === tab && <Report />}
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
