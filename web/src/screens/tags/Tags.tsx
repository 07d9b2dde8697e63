import { ActionIcon, Group, Paper, Table, Text, TextInput } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { useJob, useTagLabels, useTags } from "../../api/queries";
import type { Tag, TagChange } from "../../api/types";
import { useBackend } from "../../backend";
import { number, plural } from "../../format";
import { JobStatus } from "../../jobs/JobStatus";
import { kindOf } from "../../jobs/labels";
import { useMay } from "../../session";
import { Confirm } from "../../ui/Confirm";
import { notifyDone } from "../../ui/notify";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";

/** The tags with how many customers have each; editors rename and delete them. */
export default function Tags() {
  const backend = useBackend();
  const queries = useQueryClient();
  const editor = useMay("editor");
  const tags = useTags();
  const labels = useTagLabels();
  const [renaming, setRenaming] = useState<Tag | null>(null);
  const [leaving, setLeaving] = useState<Tag | null>(null);
  const [jobId, setJobId] = useState<string | null>(null);
  const job = useJob(jobId).data;
  const refresh = () => queries.invalidateQueries({ queryKey: ["tags"] });
  const changed = (answer: TagChange) => {
    setRenaming(null);
    setLeaving(null);
    if (answer.jobId) setJobId(answer.jobId);
    else notifyDone(`${plural(answer.updated ?? 0, "customer")} changed.`);
    refresh();
  };
  const rename = useDeed({
    work: (to: string) => call(backend, "rename_tag", { tag: renaming?.tag ?? "", to }),
    onSuccess: changed,
  });
  const remove = useDeed({
    work: (tag: string) => call(backend, "delete_tag", { tag }),
    onSuccess: changed,
  });
  // The counts are asked for again when the catalogue or the job changes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it waits for
  useEffect(() => {
    refresh();
  }, [labels, job?.state]);
  return (
    <>
      <PageHead title="Tags" />
      {job && (
        <Paper withBorder p="sm" mb="md" role="status" aria-label="Long work">
          <Text fw={600}>{kindOf(job)}</Text>
          <JobStatus job={job} />
        </Paper>
      )}
      {tags.error && <ErrorNotice error={tags.error} retry={tags.refetch} />}
      {tags.isPending && <LoadingRows />}
      {tags.data?.length === 0 && (
        <EmptyNotice title="No tags yet.">
          A tag comes into being when a customer is given it.
        </EmptyNotice>
      )}
      {!!tags.data?.length && (
        <Table verticalSpacing="sm" aria-label="Tags">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Tag</Table.Th>
              <Table.Th ta="right">Customers</Table.Th>
              {editor && <Table.Th w={100} aria-label="Actions" />}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {tags.data.map((one) => (
              <Table.Tr key={one.tag}>
                <Table.Td>
                  <Link
                    className="link"
                    to={`/people?segment=${encodeURIComponent(`tag:${one.tag}`)}`}
                  >
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
                        aria-label={`Rename ${one.label}`}
                        onClick={() => setRenaming(one)}
                      >
                        <IconPencil size={16} aria-hidden />
                      </ActionIcon>
                      <ActionIcon
                        variant="default"
                        aria-label={`Delete ${one.label}`}
                        onClick={() => setLeaving(one)}
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
      )}
      {renaming && (
        <Rename
          tag={renaming}
          pending={rename.isPending}
          error={rename.error}
          close={() => {
            rename.reset();
            setRenaming(null);
          }}
          rename={(to) => rename.run(to)}
        />
      )}
      <Confirm
        opened={leaving !== null}
        title={`Delete the tag ${leaving?.label ?? ""}?`}
        action="Delete"
        danger
        pending={remove.isPending}
        error={remove.error}
        close={() => {
          remove.reset();
          setLeaving(null);
        }}
        confirm={() => leaving && remove.run(leaving.tag)}
      >
        <Text>
          It is taken from {plural(leaving?.customers ?? 0, "customer")}. It cannot be undone.
        </Text>
      </Confirm>
    </>
  );
}

function Rename(props: {
  tag: Tag;
  pending: boolean;
  error: unknown;
  close: () => void;
  rename: (to: string) => void;
}) {
  const [to, setTo] = useState(props.tag.label);
  return (
    <Confirm
      title={`Rename ${props.tag.label}`}
      action="Rename"
      pending={props.pending}
      error={props.error}
      disabled={!to.trim() || to === props.tag.label}
      close={props.close}
      confirm={() => props.rename(to)}
    >
      <TextInput
        label="New name"
        description="If there is a tag of this name, the two become one."
        maxLength={64}
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
        data-autofocus
      />
    </Confirm>
  );
}
