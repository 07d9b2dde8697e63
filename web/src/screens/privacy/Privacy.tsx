import { PageHead } from "../../ui/PageParts";
import { t } from "../../words";

export default function Privacy() {
  return <PageHead title={t("nav.privacy")} />;
}
