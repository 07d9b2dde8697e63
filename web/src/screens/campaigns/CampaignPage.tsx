import { Button, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { type Campaign, useCampaign } from "../../api/campaigns";
import { useMay } from "../../session";
import { BackLink } from "../../ui/BackLink";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import "./campaigns.css";
import { Composer } from "./Composer";
import { MailCard } from "./MailCard";
import { NewCampaign } from "./NewCampaign";
import { DeleteDialog, useDuplicate } from "./RowMenu";
import { SendDialog, type Sent } from "./SendDialog";
import { StateBadge } from "./StateBadge";
import { TestDialog } from "./TestDialog";
import { Underway } from "./Underway";

const NEW = "new";

export default function CampaignPage() {
  const { campaignId = NEW } = useParams();
  const editor = useMay("editor");
  const found = useCampaign(campaignId === NEW ? "" : campaignId);
  if (campaignId === NEW) return editor ? <NewCampaign /> : <Gone />;
  if (found.error) return <ErrorNotice error={found.error} />;
  if (found.data === undefined) return <LoadingRows />;
  if (found.data === null) return <Gone />;
  return <One key={campaignId} campaign={found.data} />;
}

function Gone() {
  return (
    <>
      <PageHead title={t("campaigns.one")} />
      <EmptyNotice title={t("campaigns.gone")}>
        <Link to="/campaigns">{t("campaigns.all")}</Link>
      </EmptyNotice>
    </>
  );
}

function One({ campaign }: { campaign: Campaign }) {
  const editor = useMay("editor");
  const [sent, setSent] = useState<(Sent & { ahead: number }) | null>(null);
  return (
    <>
      <BackLink path="/campaigns">{t("campaigns.title")}</BackLink>
      <PageHead title={campaign.name}>
        <StateBadge state={campaign.state} />
        {editor && <Actions campaign={campaign} />}
      </PageHead>
      {campaign.state !== "draft" ? (
        <Underway campaign={campaign} sent={sent} />
      ) : editor ? (
        <Draft campaign={campaign} setSent={setSent} />
      ) : (
        <MailCard campaign={campaign} />
      )}
    </>
  );
}

/** A draft as editors write it, try it, and send it. */
function Draft(props: { campaign: Campaign; setSent: (sent: Sent & { ahead: number }) => void }) {
  const { campaign } = props;
  const [dialog, setDialog] = useState<"test" | "send" | null>(null);
  const close = () => setDialog(null);
  return (
    <>
      <Composer
        campaign={campaign}
        actions={({ dirty, saving }) => (
          <>
            <Button variant="default" disabled={dirty || saving} onClick={() => setDialog("test")}>
              {t("campaigns.test.open")}
            </Button>
            <Button disabled={dirty || saving} onClick={() => setDialog("send")}>
              {t("campaigns.send.open")}
            </Button>
          </>
        )}
      />
      {dialog === "test" && <TestDialog campaign={campaign} close={close} />}
      {dialog === "send" && (
        <SendDialog
          campaign={campaign}
          close={close}
          sent={(sent) => {
            // The server's clock is what counts: how far this one is from it is known now.
            const ahead = Date.now() - new Date(String(sent.campaign.updatedAt)).getTime();
            props.setSent({ ...sent, ahead });
          }}
        />
      )}
    </>
  );
}

function Actions({ campaign }: { campaign: Campaign }) {
  const go = useNavigate();
  const duplicate = useDuplicate();
  const [leaving, setLeaving] = useState(false);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            variant="default"
            loading={duplicate.isPending}
            leftSection={<IconDots size={16} aria-hidden />}
          >
            {t("campaigns.actions")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => duplicate.run(campaign)}>{t("campaigns.duplicate")}</Menu.Item>
          {campaign.state === "draft" && (
            <Menu.Item onClick={() => setLeaving(true)}>{t("campaigns.delete")}</Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {leaving && (
        <DeleteDialog
          campaign={campaign}
          close={() => setLeaving(false)}
          done={() => go("/campaigns", { replace: true })}
        />
      )}
    </>
  );
}
