import { useMay } from "../../session";
import { AddressTabs } from "../../ui/AddressTabs";
import { EmptyNotice, PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { ConsentsTab } from "./ConsentsTab";
import { RecordTab } from "./RecordTab";
import { RequestsTab } from "./RequestsTab";
import { SettingsTab } from "./SettingsTab";
import { TrailTab } from "./TrailTab";
import "../../ui/facts.css";
import "../../ui/print.css";

/** What a data protection officer answers for; for admins. */
export default function Privacy() {
  const admin = useMay("admin");
  return (
    <>
      <PageHead title={t("nav.privacy")} />
      {admin ? (
        <AddressTabs
          name={t("privacy.tabs")}
          tabs={[
            { value: "requests", label: t("privacy.tab.requests"), panel: () => <RequestsTab /> },
            { value: "trail", label: t("privacy.tab.trail"), panel: () => <TrailTab /> },
            { value: "consents", label: t("privacy.tab.consents"), panel: () => <ConsentsTab /> },
            { value: "record", label: t("privacy.tab.record"), panel: () => <RecordTab /> },
            { value: "settings", label: t("privacy.tab.settings"), panel: () => <SettingsTab /> },
          ]}
        />
      ) : (
        <EmptyNotice title={t("privacy.adminsOnly")} />
      )}
    </>
  );
}
