import { Kbd, Modal, Table } from "@mantine/core";
import { t } from "../words";

/** The keys of every page and of lists. */
export default function KeysDialog({ close }: { close: () => void }) {
  const everywhere: [string[], string][] = [
    [["/"], t("shell.keySearch")],
    [[t("shell.ctrl"), "K"], t("shell.keySearch")],
    [["?"], t("shell.keyKeys")],
    [["Esc"], t("shell.keyEscape")],
  ];
  const lists: [string[], string][] = [
    [["j"], t("shell.keyNext")],
    [["k"], t("shell.keyPrevious")],
    [["x"], t("shell.keySelect")],
    [[t("shell.enter")], t("shell.keyOpen")],
  ];
  return (
    <Modal opened onClose={close} title={t("shell.keys")}>
      <KeyTable caption={t("shell.keysEverywhere")} rows={everywhere} />
      <KeyTable caption={t("shell.keysOfLists")} rows={lists} />
    </Modal>
  );
}

function KeyTable(props: { caption: string; rows: [string[], string][] }) {
  return (
    <Table captionSide="top" mb="md">
      <Table.Caption>{props.caption}</Table.Caption>
      <Table.Tbody>
        {props.rows.map(([keys, does]) => (
          <Table.Tr key={keys.join(" ")}>
            <Table.Td w={120}>
              {keys.map((one, at) => (
                <span key={one}>
                  {at > 0 && " + "}
                  <Kbd>{one}</Kbd>
                </span>
              ))}
            </Table.Td>
            <Table.Td>{does}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
