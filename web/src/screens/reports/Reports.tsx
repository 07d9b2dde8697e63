import { PageHead } from "../../ui/PageParts";
import { t } from "../../words";

export default function Reports() {
  return <PageHead title={t("nav.reports")} />;
}
