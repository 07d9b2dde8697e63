import { Radio, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { call, type Request } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import type { Customer } from "../../api/types";
import { useBackend } from "../../backend";
import { Confirm } from "../../ui/Confirm";
import { mailAddressOf } from "../../ui/CustomerCells";
import { notifyDone } from "../../ui/notify";
import { t } from "../../words";

type Way = Request<"set_reachable">["evidence"];
const WAYS: Way[] = ["person", "arrived", "provider"];

/** Staff know that mail to somebody arrives again, and say why. */
export function ReachableDialog({ customer, close }: { customer: Customer; close: () => void }) {
  const backend = useBackend();
  const { customerId } = customer;
  const [evidence, setEvidence] = useState<Way | null>(null);
  const record = useDeed({
    work: async () => {
      if (evidence) await call(backend, "set_reachable", { customerId, evidence });
    },
    onSuccess: () => {
      notifyDone(t("person.consent.reachableNow"));
      close();
    },
  });
  return (
    <Confirm
      title={t("person.consent.reachableTitle")}
      action={t("person.consent.reachableDo")}
      pending={record.isPending}
      error={record.error}
      disabled={!evidence}
      close={close}
      confirm={() => record.run()}
    >
      <Text size="sm">
        {t("person.consent.reachableWhat", { address: mailAddressOf(customer) })}
      </Text>
      <Radio.Group
        label={t("person.consent.why")}
        value={evidence}
        onChange={(way) => setEvidence(way as Way)}
        required
      >
        <Stack gap="xs" mt="xs">
          {WAYS.map((way) => (
            <Radio key={way} value={way} label={t(`person.consent.reach.${way}`)} />
          ))}
        </Stack>
      </Radio.Group>
    </Confirm>
  );
}
