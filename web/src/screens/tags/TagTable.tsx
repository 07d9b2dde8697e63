import { ActionIcon, Group, Table } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Tag } from "../../api/types";
import { number } from "../../format";
import { useMay } from "../../session";
import { t } from "../../words";

/** Tags with how many people have each; a row leads to those people. */
export function TagTable(props: {
  tags: Tag[];
  rename: (tag: Tag) => void;
  remove: (tag: Tag) => void;
}) {
  const editor = useMay("editor");
  return (
    <Table verticalSpacing="sm" highlightOnHover aria-label={t("tags.title")}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("tags.tag")}</Table.Th>
          <Table.Th ta="right">{t("tags.people")}</Table.Th>
          {editor && <Table.Th w={100} aria-label={t("tags.actions")} />}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {props.tags.map((one) => (
          <Table.Tr key={one.tag} className="leads">
            <Table.Td>
              <Link className="link" to={`/people?segment=${encodeURIComponent(`tag:${one.tag}`)}`}>
                {one.label}
              </Link>
            </Table.Td>
            <Table.Td ta="right" className="figures">
              {number(one.customers)}
            </Table.Td>
            {editor && (
              <Table.Td>
                <Group gap="xs" wrap="nowrap" justify="flex-end">
                  <ActionIcon
                    variant="default"
                    aria-label={t("tags.renameNamed", { tag: one.label })}
                    onClick={() => props.rename(one)}
                  >
                    <IconPencil size={16} aria-hidden />
                  </ActionIcon>
                  <ActionIcon
                    variant="default"
                    aria-label={t("tags.deleteNamed", { tag: one.label })}
                    onClick={() => props.remove(one)}
                  >
                    <IconTrash size={16} aria-hidden />
                  </ActionIcon>
                </Group>
              </Table.Td>
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
