import { PageHead } from "../../ui/PageParts";
import { t } from "../../words";

export default function CampaignPage() {
  return <PageHead title={t("nav.campaigns")} />;
}
