import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { call, saveFile } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { useBackend } from "../../backend";
import { notifyError } from "../../ui/notify";

type Archive = Record<string, unknown>;

interface Part {
  archive: Archive;
  nextPageToken: string | null;
}

/** A download of all that is kept of a person; the parts are put together as docs/privacy.md says. */
export function ExportButton({ customerId }: { customerId: string }) {
  const backend = useBackend();
  const download = useDeed({
    work: async (_, signal) => {
      let part = await call<Part>(backend, "export_customer", { customerId });
      const archive = part.archive;
      while (part.nextPageToken) {
        signal.throwIfAborted();
        const pageToken: string = part.nextPageToken;
        part = await call<Part>(backend, "export_customer", { customerId, pageToken });
        for (const [key, value] of Object.entries(part.archive)) {
          const before = archive[key];
          archive[key] =
            Array.isArray(value) && Array.isArray(before) ? before.concat(value) : value;
        }
      }
      const text = JSON.stringify(archive, null, 2);
      saveFile(new Blob([text], { type: "application/json" }), `export-${customerId}.json`);
    },
    onError: notifyError,
  });
  return (
    <Button
      variant="default"
      size="compact-md"
      leftSection={<IconDownload size={16} aria-hidden />}
      loading={download.isPending}
      onClick={() => download.run()}
    >
      Export
    </Button>
  );
}
