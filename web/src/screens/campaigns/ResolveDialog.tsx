import { Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { ask } from "../../api/campaigns";
import { useDeed } from "../../api/deeds";
import { useBackend } from "../../backend";
import { Confirm } from "../../ui/Confirm";
import { notifyDone } from "../../ui/notify";
import { t } from "../../words";

/** The question before somebody of whom nobody knows gets the mail again, or is given up. */
export function ResolveDialog(props: {
  campaignId: string;
  action: "resend" | "close";
  customerIds: string[];
  close: () => void;
}) {
  const { campaignId, action, customerIds } = props;
  const backend = useBackend();
  const queries = useQueryClient();
  const resolve = useDeed({
    work: () => ask(backend, "resolve_recipients", { campaignId, customerIds, action }),
    onSuccess: ({ resolved }) => {
      notifyDone(t(`campaigns.people.${action}Done`, { count: resolved }));
      queries.invalidateQueries({ queryKey: ["campaign", campaignId] });
      props.close();
    },
  });
  return (
    <Confirm
      title={t(`campaigns.people.${action}Title`, { count: customerIds.length })}
      action={t(`campaigns.people.${action}`)}
      danger={action === "resend"}
      pending={resolve.isPending}
      error={resolve.error}
      close={props.close}
      confirm={() => resolve.run()}
    >
      <Text>{t(`campaigns.people.${action}Text`)}</Text>
    </Confirm>
  );
}
