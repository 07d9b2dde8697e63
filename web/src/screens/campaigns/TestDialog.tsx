import { List, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { ask, type Campaign, type Tried } from "../../api/campaigns";
import { useDeed } from "../../api/deeds";
import { useBackend } from "../../backend";
import { Confirm } from "../../ui/Confirm";
import { t, wordsFor } from "../../words";
import { addressesOf } from "./rules";

/** A mail of a campaign to staff, and what the server said of each address. */
export function TestDialog({ campaign, close }: { campaign: Campaign; close: () => void }) {
  const backend = useBackend();
  const [typed, setTyped] = useState(backend.auth.currentUser?.email ?? "");
  const [tried, setTried] = useState<Tried | null>(null);
  const to = addressesOf(typed);
  const send = useDeed({
    work: () => {
      setTried(null);
      return ask(backend, "test_campaign", { campaignId: campaign.campaignId, to });
    },
    onSuccess: setTried,
  });
  return (
    <Confirm
      title={t("campaigns.test.title")}
      action={t("campaigns.test.send")}
      pending={send.isPending}
      error={send.error}
      close={close}
      confirm={() => send.run()}
      disabled={!to.length || to.length > 5}
    >
      <Text>{t("campaigns.test.how")}</Text>
      <TextInput
        label={t("campaigns.test.to")}
        description={t("campaigns.test.whom")}
        error={to.length > 5 && t("campaigns.test.tooMany")}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <div role="status">
        {tried && (
          <List aria-label={t("campaigns.test.results")}>
            {tried.results.map((one) => (
              <List.Item key={one.to} style={{ overflowWrap: "anywhere" }}>
                {one.to}: {wordsFor(`campaigns.test.state.${one.state}`) ?? one.state}
                {one.reason && ` (${one.reason})`}
                {one.message && (
                  <Text size="sm" lang="en">
                    {one.message}
                  </Text>
                )}
              </List.Item>
            ))}
          </List>
        )}
      </div>
    </Confirm>
  );
}
