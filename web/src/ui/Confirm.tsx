import { Button, Group, Modal, Stack } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { t } from "../words";
import { ErrorNotice } from "./PageParts";

/** A dialog that does something or leaves it; Enter in a field does it. While it is done there is no leaving
 * it: nobody can take back what the server has been told. */
export function Confirm(props: {
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
}) {
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
