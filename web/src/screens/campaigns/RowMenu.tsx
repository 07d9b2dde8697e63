import { ActionIcon, Menu, Text } from "@mantine/core";
import { IconCopy, IconDots, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "react-router";
import { ask, type Campaign, copyOf } from "../../api/campaigns";
import { useDeed } from "../../api/deeds";
import { useBackend } from "../../backend";
import { Confirm } from "../../ui/Confirm";
import { notifyDone, notifyError } from "../../ui/notify";
import { t } from "../../words";

/** Save a copy of a campaign as a new draft, and go there. */
export function useDuplicate() {
  const backend = useBackend();
  const go = useNavigate();
  return useDeed({
    work: (campaign: Campaign) => ask(backend, "save_campaign", copyOf(campaign)),
    onSuccess: ({ campaign }) => {
      notifyDone(t("campaigns.duplicated"));
      go(`/campaigns/${campaign.campaignId}`);
    },
    onError: notifyError,
  });
}

export function RowMenu({ campaign, remove }: { campaign: Campaign; remove: () => void }) {
  const duplicate = useDuplicate();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon
          variant="default"
          aria-label={t("campaigns.actionsOf", { name: campaign.name })}
          loading={duplicate.isPending}
        >
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconCopy size={16} aria-hidden />}
          onClick={() => duplicate.run(campaign)}
        >
          {t("campaigns.duplicate")}
        </Menu.Item>
        {campaign.state === "draft" && (
          <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} onClick={remove}>
            {t("campaigns.delete")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The question before a draft is deleted. */
export function DeleteDialog(props: { campaign: Campaign; close: () => void; done?: () => void }) {
  const { campaign } = props;
  const backend = useBackend();
  const remove = useDeed({
    work: () => ask(backend, "delete_campaign", { campaignId: campaign.campaignId }),
    onSuccess: () => {
      notifyDone(t("campaigns.deleted"));
      props.close();
      props.done?.();
    },
  });
  return (
    <Confirm
      title={t("campaigns.deleteTitle", { name: campaign.name })}
      action={t("campaigns.delete")}
      danger
      pending={remove.isPending}
      error={remove.error}
      close={props.close}
      confirm={() => remove.run()}
    >
      <Text>{t("campaigns.deleteText")}</Text>
    </Confirm>
  );
}
