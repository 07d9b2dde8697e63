import { PageHead } from "../../ui/PageParts";
import { t } from "../../words";

export default function Staff() {
  return <PageHead title={t("nav.staff")} />;
}
