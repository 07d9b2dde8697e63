import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";

/** The button that takes a condition or a group away. */
export function Remove({ label, remove }: { label: string; remove: () => void }) {
  return (
    <ActionIcon variant="default" size="lg" aria-label={label} onClick={remove}>
      <IconX size={16} aria-hidden />
    </ActionIcon>
  );
}
