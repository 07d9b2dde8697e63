import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { ErrorNotice } from "./States";

/** Ask before something that cannot be undone. */
export function Confirm(props: {
  opened: boolean;
  title: string;
  action: string;
  pending: boolean;
  error: unknown;
  close: () => void;
  confirm: () => void;
  children: ReactNode;
}) {
  return (
    <Modal
      opened={props.opened}
      onClose={props.close}
      title={props.title}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack>
        {props.children}
        {props.error ? <ErrorNotice error={props.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.close}>
            Cancel
          </Button>
          <Button loading={props.pending} onClick={props.confirm}>
            {props.action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
