import { ActionIcon, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { type StaffNote, useRows } from "../../api/person";
import type { Customer } from "../../api/types";
import { useWho } from "../../audit/who";
import { useBackend } from "../../backend";
import { time } from "../../format";
import { useMay } from "../../session";
import { Card } from "../../ui/Card";
import { Confirm } from "../../ui/Confirm";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";

/** What staff wrote down about a person, the newest first. */
export function NotesCard({ customer, version }: { customer: Customer; version: number }) {
  const editor = useMay("editor");
  const who = useWho();
  const { customerId } = customer;
  const notes = useRows("list_notes", customerId, version, { pageSize: 10 });
  const [deleting, setDeleting] = useState<StaffNote | null>(null);
  return (
    <Card title={t("person.notes.title")}>
      {editor && <NewNote customerId={customerId} />}
      {notes.error && <ErrorNotice error={notes.error} retry={notes.retry} />}
      {!notes.rows && !notes.error && <LoadingRows count={1} />}
      {notes.rows?.length === 0 && <Text c="dimmed">{t("person.notes.none")}</Text>}
      {!!notes.rows?.length && (
        <Stack
          gap="sm"
          component="ul"
          m={0}
          p={0}
          className="plain"
          aria-label={t("person.notes.title")}
        >
          {notes.rows.map((note) => (
            <li key={note.noteId}>
              <Group justify="space-between" wrap="nowrap" align="flex-start">
                <Text style={{ whiteSpace: "pre-wrap" }}>{note.text}</Text>
                {editor && (
                  <ActionIcon
                    variant="default"
                    aria-label={t("person.notes.deleteThis", { at: time(note.at) })}
                    onClick={() => setDeleting(note)}
                  >
                    <IconTrash size={16} aria-hidden />
                  </ActionIcon>
                )}
              </Group>
              <Text size="sm" c="dimmed">
                {note.own ? t("person.who.you") : who(note.author)}, {time(note.at)}
              </Text>
            </li>
          ))}
        </Stack>
      )}
      {notes.more && (
        <Button
          variant="default"
          size="compact-sm"
          loading={notes.fetching}
          onClick={notes.fetchMore}
        >
          {t("person.notes.earlier")}
        </Button>
      )}
      {deleting && <DeleteNote note={deleting} close={() => setDeleting(null)} />}
    </Card>
  );
}

function useReload() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["list_notes"] });
}

function NewNote({ customerId }: { customerId: string }) {
  const backend = useBackend();
  const reload = useReload();
  const [text, setText] = useState("");
  const add = useDeed({
    work: () => call(backend, "add_note", { customerId, text: text.trim() }),
    onSuccess: () => {
      setText("");
      return reload();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) add.run();
      }}
    >
      <Stack gap="xs">
        <Textarea
          aria-label={t("person.notes.new")}
          placeholder={t("person.notes.placeholder")}
          autosize
          minRows={2}
          maxRows={12}
          maxLength={5000}
          value={text}
          disabled={add.isPending}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {add.error && <ErrorNotice error={add.error} />}
        {text.trim() && (
          <Group>
            <Button type="submit" size="compact-sm" loading={add.isPending}>
              {t("person.notes.add")}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

function DeleteNote({ note, close }: { note: StaffNote; close: () => void }) {
  const backend = useBackend();
  const reload = useReload();
  const remove = useDeed({
    work: () => call(backend, "delete_note", { noteId: note.noteId }),
    onSuccess: () => {
      close();
      return reload();
    },
  });
  return (
    <Confirm
      title={t("person.notes.deleteTitle")}
      action={t("person.notes.delete")}
      danger
      pending={remove.isPending}
      error={remove.error}
      close={close}
      confirm={() => remove.run()}
    >
      <Text style={{ whiteSpace: "pre-wrap" }} lineClamp={8}>
        {note.text}
      </Text>
      <Text size="sm" c="dimmed">
        {t("person.notes.deleteForGood")}
      </Text>
    </Confirm>
  );
}
