import { PageHead } from "../../ui/PageParts";
import { t } from "../../words";

export default function Forms() {
  return <PageHead title={t("nav.forms")} />;
}
