import { Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import type { Customer } from "../../api/types";
import { useBackend } from "../../backend";
import { Confirm } from "../../ui/Confirm";
import { mailAddressOf } from "../../ui/CustomerCells";
import { notifyDone } from "../../ui/notify";
import { t } from "../../words";

/** Subscribes somebody, which takes proof of the consent, or unsubscribes them. */
export function DecisionDialog(props: {
  customer: Customer;
  status: "subscribed" | "unsubscribed";
  close: () => void;
}) {
  const backend = useBackend();
  const [evidence, setEvidence] = useState("");
  const { customer, status, close } = props;
  const grants = status === "subscribed";
  const record = useDeed({
    work: () =>
      call(backend, "set_consent", {
        customerId: customer.customerId,
        status,
        evidence: evidence.trim() || null,
      }),
    onSuccess: () => {
      notifyDone(grants ? t("person.consent.subscribedNow") : t("person.consent.unsubscribedNow"));
      close();
    },
  });
  return (
    <Confirm
      title={grants ? t("person.consent.subscribeTitle") : t("person.consent.unsubscribeTitle")}
      action={grants ? t("person.consent.subscribeDo") : t("person.consent.unsubscribeDo")}
      pending={record.isPending}
      error={record.error}
      disabled={grants && !evidence.trim()}
      close={close}
      confirm={() => record.run()}
    >
      <Text size="sm">
        {grants
          ? t("person.consent.forAddress", { address: mailAddressOf(customer) })
          : t("person.consent.forAll")}
      </Text>
      <Textarea
        label={t("person.consent.proof")}
        description={t("person.consent.proofHow")}
        required={grants}
        maxLength={1000}
        minRows={3}
        autosize
        value={evidence}
        onChange={(event) => setEvidence(event.currentTarget.value)}
        data-autofocus
      />
    </Confirm>
  );
}
