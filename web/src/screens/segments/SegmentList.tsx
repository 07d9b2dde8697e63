import { Button, Table, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { useSegments } from "../../api/queries";
import type { Segment } from "../../api/types";
import { useBackend } from "../../backend";
import { useMay } from "../../session";
import { Confirm } from "../../ui/Confirm";
import { notifyDone } from "../../ui/notify";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { SegmentRow } from "./SegmentRow";

/** The saved segments, with how many people they have and how many of those can get the newsletter. */
export default function SegmentList() {
  const backend = useBackend();
  const editor = useMay("editor");
  const segments = useSegments();
  const [leaving, setLeaving] = useState<Segment | null>(null);
  const remove = useDeed({
    work: (segmentId: string) => call(backend, "delete_segment", { segmentId }),
    onSuccess: () => {
      notifyDone(t("segments.deleted"));
      setLeaving(null);
    },
  });
  return (
    <>
      <PageHead title={t("segments.title")}>
        <Button
          component={Link}
          to="/segments/new"
          leftSection={<IconPlus size={16} aria-hidden />}
        >
          {t("segments.new")}
        </Button>
      </PageHead>
      {segments.error && <ErrorNotice error={segments.error} />}
      {!segments.data && !segments.error && <LoadingRows />}
      {segments.data?.length === 0 && (
        <EmptyNotice title={t("segments.none")}>{t("segments.noneHint")}</EmptyNotice>
      )}
      {!!segments.data?.length && (
        <Table.ScrollContainer minWidth={300} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table verticalSpacing="sm" highlightOnHover aria-label={t("segments.title")}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("segments.segment")}</Table.Th>
                <Table.Th visibleFrom="sm">{t("segments.conditions")}</Table.Th>
                <Table.Th ta="right">{t("segments.people")}</Table.Th>
                <Table.Th ta="right" visibleFrom="xs">
                  {t("segments.newsletter")}
                </Table.Th>
                {editor && <Table.Th w={50} aria-label={t("segments.actions")} />}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {segments.data.map((one) => (
                <SegmentRow
                  key={one.segmentId}
                  segment={one}
                  others={segments.data ?? []}
                  remove={editor ? () => setLeaving(one) : null}
                />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Confirm
        opened={leaving !== null}
        title={t("segments.deleteTitle", { name: leaving?.name ?? "" })}
        action={t("segments.reallyDelete")}
        danger
        pending={remove.isPending}
        error={remove.error}
        close={() => {
          remove.reset();
          setLeaving(null);
        }}
        confirm={() => leaving && remove.run(leaving.segmentId)}
      >
        <Text>{t("segments.deleteText")}</Text>
      </Confirm>
    </>
  );
}
