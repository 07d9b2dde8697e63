import { Text } from "@mantine/core";
import { useDeed } from "../../api/deeds";
import type { Customer } from "../../api/types";
import { useBackend } from "../../backend";
import { Confirm } from "../../ui/Confirm";
import { nameOf } from "../../ui/CustomerCells";
import { notifyDone } from "../../ui/notify";
import { usePassword } from "../../ui/password";
import { t } from "../../words";
import { saveArchive } from "./exporting";

/** A download of all that is kept of a person; after a while it takes the password once more. */
export function ExportDialog({ customer, close }: { customer: Customer; close: () => void }) {
  const backend = useBackend();
  const { field, ready, prove } = usePassword();
  const download = useDeed({
    work: async (_, signal) => {
      await prove();
      signal.throwIfAborted();
      await saveArchive(backend, customer.customerId, signal);
    },
    onSuccess: () => {
      notifyDone(t("person.export.done"));
      close();
    },
  });
  return (
    <Confirm
      title={t("person.export.title", { name: nameOf(customer) })}
      action={t("person.export.do")}
      pending={download.isPending}
      error={download.error}
      disabled={!ready}
      close={close}
      confirm={() => download.run()}
    >
      <Text>{t("person.export.what")}</Text>
      {field}
    </Confirm>
  );
}
