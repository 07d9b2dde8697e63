import { Button, Group, Modal, Stack } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { t } from "../words";
import { ErrorNotice } from "./PageParts";

export interface ConfirmProps {
  opened?: boolean;
  title: string;
  action: string;
  pending: boolean;
  error: unknown;
  close: () => void;
  confirm: () => void;
  disabled?: boolean;
  danger?: boolean;
  size?: string;
  children: ReactNode;
}

/** The dialog itself: `ui/Confirm.tsx` fetches it when it is opened. */
export default function ConfirmDialog(props: ConfirmProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!props.pending && !props.disabled) props.confirm();
  };
  const close = () => {
    if (!props.pending) props.close();
  };
  return (
    <Modal
      opened={props.opened ?? true}
      onClose={close}
      closeButtonProps={{ "aria-label": t("shared.close"), disabled: props.pending }}
      title={props.title}
      size={props.size ?? "md"}
    >
      <form onSubmit={submit}>
        <Stack>
          {props.children}
          {props.error ? <ErrorNotice error={props.error} /> : null}
          <Group justify="flex-end">
            <Button variant="default" disabled={props.pending} onClick={close}>
              {t("shared.cancel")}
            </Button>
            <Button
              type="submit"
              color={props.danger ? "red" : undefined}
              disabled={props.disabled}
              loading={props.pending}
            >
              {props.action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
