import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { refusalOf } from "../api/calls";
import type { Warning } from "../api/types";
import { t } from "../words";

export function notifyDone(message: string): void {
  notifications.show({ message, color: "teal" });
}

/** Say that something was tried and has changed nothing. */
export function notifyVain(message: string): void {
  notifications.show({ message, color: "yellow", autoClose: 10_000 });
}

/** Say what a deed rests on and may not have been meant: names that stand for nothing. */
export function notifyWarnings(warnings: Warning[] | undefined): void {
  for (const { message } of warnings ?? []) {
    notifications.show({
      title: t("shared.pleaseCheck"),
      message,
      color: "yellow",
      autoClose: 20_000,
    });
  }
}

export function notifyError(error: unknown): void {
  notifications.show({
    title: t("shared.didNotWork"),
    message: refusalOf(error).message,
    color: "red",
    autoClose: 10_000,
  });
}

/** Say what was done, with a button that takes it back where that can be. */
export function notifyUndo(message: string, undo: (() => void) | null): void {
  if (!undo) {
    notifyDone(message);
    return;
  }
  const id = notifications.show({
    color: "teal",
    autoClose: 20_000,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            notifications.hide(id);
            undo();
          }}
        >
          {t("shared.undo")}
        </Button>
      </Group>
    ),
  });
}
