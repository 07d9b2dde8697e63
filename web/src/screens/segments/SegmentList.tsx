import { ActionIcon, Button, Table, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { useSegments } from "../../api/queries";
import type { Counted, Segment } from "../../api/types";
import { useBackend } from "../../backend";
import { dateOf, number, time } from "../../format";
import { useMay } from "../../session";
import { Confirm } from "../../ui/Confirm";
import { notifyDone } from "../../ui/notify";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";

const HOUR = 3_600_000;

/** The count of a segment; counted anew, and so kept, where nobody has for an hour. */
function LastCount({ segment }: { segment: Segment }) {
  const backend = useBackend();
  const { segmentId, lastCount, lastCountAt } = segment;
  const old = !lastCountAt || Date.now() - dateOf(lastCountAt).getTime() > HOUR;
  const counting = useQuery({
    queryKey: ["count", segmentId, segment.text],
    queryFn: () => call<Counted>(backend, "count_segment", { segment: { segment: segmentId } }),
    enabled: old,
    staleTime: HOUR,
    retry: false,
  });
  const count = counting.data?.count ?? lastCount;
  return (
    <>
      {count === null ? (counting.isFetching ? "…" : "–") : number(count)}
      <Text size="sm" c="dimmed">
        {lastCountAt ? time(lastCountAt) : ""}
      </Text>
      {counting.data?.warnings?.map((one) => (
        <Text size="sm" key={`${one.reason} ${one.name}`}>
          {one.message}
        </Text>
      ))}
    </>
  );
}

/** The saved segments with their last counts. */
export default function SegmentList() {
  const backend = useBackend();
  const editor = useMay("editor");
  const segments = useSegments();
  const [leaving, setLeaving] = useState<Segment | null>(null);
  const remove = useDeed({
    work: (segmentId: string) => call(backend, "delete_segment", { segmentId }),
    onSuccess: () => {
      notifyDone("The segment is deleted.");
      setLeaving(null);
    },
  });
  return (
    <>
      <PageHead title="Segments">
        <Button
          component={Link}
          to="/segments/new"
          leftSection={<IconPlus size={16} aria-hidden />}
        >
          New segment
        </Button>
      </PageHead>
      {segments.error && <ErrorNotice error={segments.error} />}
      {!segments.data && !segments.error && <LoadingRows />}
      {segments.data?.length === 0 && (
        <EmptyNotice title="No segments yet.">
          A segment is a question about customers, such as who bought within 90 days. Save one to
          ask it again.
        </EmptyNotice>
      )}
      {!!segments.data?.length && (
        <Table.ScrollContainer minWidth={300} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table verticalSpacing="sm" aria-label="Segments">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Segment</Table.Th>
                <Table.Th visibleFrom="sm">Question</Table.Th>
                <Table.Th ta="right">Last count</Table.Th>
                {editor && <Table.Th w={50} aria-label="Actions" />}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {segments.data.map((one) => (
                <Table.Tr key={one.segmentId}>
                  <Table.Td>
                    <Link className="link" to={`/segments/${one.segmentId}`}>
                      {one.name}
                    </Link>
                    <Text size="sm" c="dimmed">
                      {one.description}
                    </Text>
                  </Table.Td>
                  <Table.Td visibleFrom="sm">
                    <Text size="sm" ff="monospace">
                      {one.text}
                    </Text>
                  </Table.Td>
                  <Table.Td ta="right" className="figures">
                    <LastCount segment={one} />
                  </Table.Td>
                  {editor && (
                    <Table.Td>
                      <ActionIcon
                        variant="default"
                        aria-label={`Delete ${one.name}`}
                        onClick={() => setLeaving(one)}
                      >
                        <IconTrash size={16} aria-hidden />
                      </ActionIcon>
                    </Table.Td>
                  )}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Confirm
        opened={leaving !== null}
        title={`Delete ${leaving?.name ?? ""}?`}
        action="Delete"
        danger
        pending={remove.isPending}
        error={remove.error}
        close={() => {
          remove.reset();
          setLeaving(null);
        }}
        confirm={() => leaving && remove.run(leaving.segmentId)}
      >
        <Text>The question is deleted; its customers stay as they are.</Text>
      </Confirm>
    </>
  );
}
