import { ActionIcon, Group, Table, Text } from "@mantine/core";
import { useInViewport } from "@mantine/hooks";
import { IconTrash } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Segment } from "../../api/types";
import { number, time } from "../../format";
import { reachOf, useReach } from "../../segments/reach";
import { t } from "../../words";

/** A saved segment; it is counted when somebody sees it. */
export function SegmentRow(props: {
  segment: Segment;
  others: Segment[];
  remove: (() => void) | null;
}) {
  const { segment, others } = props;
  const { ref, inViewport } = useInViewport<HTMLTableRowElement>();
  const { segmentId, text } = segment;
  const { data, counting } = useReach({ segment: segmentId }, text, inViewport);
  const count = data?.count ?? segment.lastCount;
  const users = others.filter((one) => segment.usedBy.includes(one.segmentId));
  const path = `/segments/${segmentId}`;
  return (
    <Table.Tr ref={ref} className="leads">
      <Table.Td>
        <Link className="link" to={path}>
          {segment.name}
        </Link>
        <Text size="sm" c="dimmed">
          {segment.description}
        </Text>
        {users.length > 0 && (
          <Group gap={4}>
            <Text size="sm" c="dimmed">
              {t("segments.usedBy")}
            </Text>
            {users.map((one) => (
              <Link key={one.segmentId} to={`/segments/${one.segmentId}`}>
                {one.name}
              </Link>
            ))}
          </Group>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Text size="sm" ff="monospace">
          {text}
        </Text>
        {data?.warnings?.map((one) => (
          <Text size="sm" key={`${one.reason} ${one.name}`}>
            {one.message}
          </Text>
        ))}
      </Table.Td>
      <Table.Td ta="right" className="figures">
        {count === null ? (counting ? "…" : "–") : number(count)}
        <Text size="sm" c="dimmed">
          {segment.lastCountAt && t("segments.countedAt", { time: time(segment.lastCountAt) })}
        </Text>
      </Table.Td>
      <Table.Td ta="right" className="figures" visibleFrom="xs">
        {data ? number(reachOf(data.reach)) : counting ? "…" : "–"}
      </Table.Td>
      {props.remove && (
        <Table.Td>
          <ActionIcon
            variant="default"
            aria-label={t("segments.deleteNamed", { name: segment.name })}
            onClick={props.remove}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Table.Td>
      )}
    </Table.Tr>
  );
}
