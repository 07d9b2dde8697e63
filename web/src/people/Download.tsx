import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconDownload } from "@tabler/icons-react";
import { download, saveFile } from "../api/calls";
import { useDeed } from "../api/deeds";
import { useBackend } from "../backend";
import { notifyError } from "../ui/notify";
import { t } from "../words";
import type { CountedReach } from "./Reach";

/** For Excel it opens in columns by a double click, whatever the computer takes for the list separator. */
const FORMS = { excel: { for: "excel" }, tools: { bom: "true" } } as const;

/** A button that fetches who of a question gets the newsletter, as a file. It says how many those are. */
export function Download(props: { counted: CountedReach | null }) {
  const { counted } = props;
  const backend = useBackend();
  const fetching = useDeed({
    work: async (form: keyof typeof FORMS) => {
      const parameters = { segment: counted?.text ?? "", ...FORMS[form] };
      const list = await download(backend, "export_segment_csv", parameters);
      saveFile(list, `newsletter-${new Date().toISOString().slice(0, 10)}.csv`);
    },
    onError: notifyError,
  });
  const some = counted?.reach.reachable ?? null;
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button
          variant="default"
          size="compact-md"
          leftSection={<IconDownload size={16} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
          disabled={!counted}
          loading={fetching.isPending}
        >
          {some === null || !counted
            ? t("people.download.unknown")
            : t("people.download.some", { some, all: counted.count })}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(["excel", "tools"] as const).map((form) => (
          <Menu.Item key={form} onClick={() => fetching.run(form)}>
            {t(`people.download.${form}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
