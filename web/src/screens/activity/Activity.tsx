import { useMay } from "../../session";
import { AddressTabs } from "../../ui/AddressTabs";
import { PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { EverythingAgain } from "./EverythingAgain";
import { Jobs } from "./Jobs";
import { StaffTrail } from "./StaffTrail";

/** Long work with its progress, and for admins who did what. */
export default function Activity() {
  const admin = useMay("admin");
  return (
    <>
      <PageHead title={t("activity.title")}>{admin && <EverythingAgain />}</PageHead>
      {admin ? (
        <AddressTabs
          name={t("activity.tabs")}
          tabs={[
            { value: "jobs", label: t("activity.tab.jobs"), panel: () => <Jobs /> },
            { value: "trail", label: t("activity.tab.trail"), panel: () => <StaffTrail /> },
          ]}
        />
      ) : (
        <Jobs />
      )}
    </>
  );
}
