import { Button, Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { download, saveFile } from "../api/calls";
import { useDeed } from "../api/deeds";
import { useBackend } from "../backend";
import { notifyError } from "../ui/notify";
import { t } from "../words";
import type { CountedReach } from "./reach";

/** For Excel it opens in columns by a double click, whatever the computer takes for the list separator. */
const FORMS = {
  forTools: { bom: "true" },
  forExcel: { for: "excel" },
} as const;

/** A button that fetches who of a segment gets the newsletter, as a file. */
export function DownloadButton(props: {
  /** The segment as text; null while there is none to fetch. */
  segment: string | null;
  /** How many are in the file, and of how many, once that is known. */
  counted: CountedReach | undefined;
}) {
  const { segment, counted } = props;
  const backend = useBackend();
  const fetching = useDeed({
    work: async (form: Record<string, string>) => {
      const parameters = { segment: segment ?? "", ...form };
      const list = await download(backend, "export_segment_csv", parameters);
      saveFile(list, `newsletter-${new Date().toISOString().slice(0, 10)}.csv`);
    },
    onError: notifyError,
  });
  const some = counted?.reach.reachable ?? null;
  const label =
    counted && some !== null
      ? t("segments.downloadSome", { some, all: counted.count })
      : t("segments.download");
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          maw="100%"
          h="auto"
          mih={36}
          styles={{ label: { whiteSpace: "normal" } }}
          leftSection={<IconDownload size={16} aria-hidden />}
          disabled={segment === null}
          loading={fetching.isPending}
        >
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(["forTools", "forExcel"] as const).map((form) => (
          <Menu.Item key={form} onClick={() => fetching.run(FORMS[form])}>
            {t(`segments.${form}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
