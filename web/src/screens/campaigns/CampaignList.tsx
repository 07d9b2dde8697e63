import { PageHead } from "../../ui/PageParts";
import { t } from "../../words";

export default function CampaignList() {
  return <PageHead title={t("nav.campaigns")} />;
}
