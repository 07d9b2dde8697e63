import { Alert, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import type { Tag, TagChange } from "../../api/types";
import { useBackend } from "../../backend";
import { Confirm } from "../../ui/Confirm";
import { t } from "../../words";
import { unitedWith } from "./matching";

interface Leaving {
  tag: Tag;
  done: (answer: TagChange) => void;
  close: () => void;
}

/** Another name for a tag; where another tag has it, that is said before the two become one. */
export function RenameDialog({ tag, tags, done, close }: Leaving & { tags: Tag[] }) {
  const backend = useBackend();
  const [to, setTo] = useState(tag.label);
  const rename = useDeed({
    work: (name: string) => call(backend, "rename_tag", { tag: tag.tag, to: name }),
    onSuccess: done,
  });
  const other = unitedWith(tags, tag, to);
  return (
    <Confirm
      title={t("tags.renameTitle", { tag: tag.label })}
      action={other ? t("tags.unite") : t("tags.rename")}
      pending={rename.isPending}
      error={rename.error}
      disabled={!to.trim() || to === tag.label}
      close={close}
      confirm={() => rename.run(to)}
    >
      <TextInput
        label={t("tags.newName")}
        maxLength={64}
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
        data-autofocus
      />
      {other ? (
        <Alert color="yellow" role="status">
          {t("tags.unites", {
            tag: tag.label,
            other: other.label,
            people: t("shared.people", { count: other.customers }),
          })}
        </Alert>
      ) : (
        <Text size="sm">{t("tags.renameWhat")}</Text>
      )}
    </Confirm>
  );
}

/** Taking a tag from everybody. */
export function DeleteDialog({ tag, done, close }: Leaving) {
  const backend = useBackend();
  const remove = useDeed({
    work: () => call(backend, "delete_tag", { tag: tag.tag }),
    onSuccess: done,
  });
  return (
    <Confirm
      title={t("tags.deleteTitle", { tag: tag.label })}
      action={t("tags.delete")}
      danger
      pending={remove.isPending}
      error={remove.error}
      close={close}
      confirm={() => remove.run()}
    >
      <Text>{t("tags.deleteWhat", { count: tag.customers })}</Text>
    </Confirm>
  );
}
