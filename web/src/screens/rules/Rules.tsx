import { PageHead } from "../../ui/PageParts";
import { t } from "../../words";

export default function Rules() {
  return <PageHead title={t("nav.rules")} />;
}
