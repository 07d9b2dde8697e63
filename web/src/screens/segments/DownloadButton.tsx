import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { download, saveFile } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { useBackend } from "../../backend";
import { notifyError } from "../../ui/notify";

interface Form {
  label: string;
  parameters: Record<string, string>;
}

/** Opens in columns by a double click, whatever the computer takes for the list separator. */
export const FOR_EXCEL: Form = { label: "Newsletter list for Excel", parameters: { for: "excel" } };

export const FOR_MAIL_TOOLS: Form = {
  label: "Newsletter list (CSV)",
  parameters: { bom: "true" },
};

/** A button that fetches who of a segment gets the newsletter, as a file. */
export function DownloadButton({ segment, label, parameters }: Form & { segment: string | null }) {
  const backend = useBackend();
  const fetching = useDeed({
    work: async (text: string) => {
      const list = await download(backend, "export_segment_csv", { segment: text, ...parameters });
      saveFile(list, `newsletter-${new Date().toISOString().slice(0, 10)}.csv`);
    },
    onError: notifyError,
  });
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={16} aria-hidden />}
      disabled={segment === null}
      loading={fetching.isPending}
      onClick={() => segment !== null && fetching.run(segment)}
    >
      {label}
    </Button>
  );
}
