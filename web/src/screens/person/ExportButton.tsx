import { Button, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useContext, useState } from "react";
import { call, saveFile } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { useBackend } from "../../backend";
import type { Backend } from "../../firebase";
import { isRecent, SinceContext } from "../../session";
import { Confirm } from "../../ui/Confirm";
import { notifyError } from "../../ui/notify";
import { usePassword } from "../../ui/password";

type Archive = Record<string, unknown>;

interface Part {
  archive: Archive;
  nextPageToken: string | null;
}

/** Save all that is kept of a person; the parts are put together as docs/privacy.md says. */
async function save(backend: Backend, customerId: string, signal: AbortSignal): Promise<void> {
  let part = await call<Part>(backend, "export_customer", { customerId });
  const archive = part.archive;
  while (part.nextPageToken) {
    signal.throwIfAborted();
    const pageToken: string = part.nextPageToken;
    part = await call<Part>(backend, "export_customer", { customerId, pageToken });
    for (const [key, value] of Object.entries(part.archive)) {
      const before = archive[key];
      archive[key] = Array.isArray(value) && Array.isArray(before) ? before.concat(value) : value;
    }
  }
  const text = JSON.stringify(archive, null, 2);
  saveFile(new Blob([text], { type: "application/json" }), `export-${customerId}.json`);
}

/** A download of all that is kept of a person; after a while it takes the password once more. */
export function ExportButton({ customerId }: { customerId: string }) {
  const backend = useBackend();
  const since = useContext(SinceContext);
  const [asking, setAsking] = useState(false);
  const download = useDeed({
    work: (_, signal) => save(backend, customerId, signal),
    onError: notifyError,
  });
  const begin = () => (isRecent(since, Date.now()) ? download.run() : setAsking(true));
  return (
    <>
      <Button
        variant="default"
        size="compact-md"
        leftSection={<IconDownload size={16} aria-hidden />}
        loading={download.isPending}
        onClick={begin}
      >
        Export
      </Button>
      {asking && <ExportDialog customerId={customerId} close={() => setAsking(false)} />}
    </>
  );
}

function ExportDialog({ customerId, close }: { customerId: string; close: () => void }) {
  const backend = useBackend();
  const { field, ready, prove } = usePassword();
  const download = useDeed({
    work: async (_, signal) => {
      await prove();
      signal.throwIfAborted();
      await save(backend, customerId, signal);
    },
    onSuccess: close,
  });
  return (
    <Confirm
      title="Export this person's data?"
      action="Export"
      pending={download.isPending}
      error={download.error}
      disabled={!ready}
      close={close}
      confirm={() => download.run()}
    >
      <Text>All that is kept of the person is saved as a file on this computer.</Text>
      {field}
    </Confirm>
  );
}
