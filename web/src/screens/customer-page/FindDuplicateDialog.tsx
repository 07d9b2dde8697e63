import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { customersPage } from "../../api/queries";
import { useBackend } from "../../backend";
import { mailAddressOf, nameOf } from "../../ui/CustomerCells";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";

const SHOWN = 8;

/** A search for the customer to merge with. */
export function FindDuplicateDialog(props: {
  opened: boolean;
  but: string;
  close: () => void;
  choose: (customerId: string) => void;
}) {
  const backend = useBackend();
  const [typed, setTyped] = useState("");
  const [text] = useDebouncedValue(typed.trim(), 150);
  const found = useQuery({
    queryKey: ["customers", "other", text],
    queryFn: () => customersPage(backend, { kind: "search", text }, null),
    enabled: props.opened && text.length > 1,
    retry: false,
  });
  const others = found.data?.customers.filter((one) => one.customerId !== props.but) ?? [];
  return (
    <Modal opened={props.opened} onClose={props.close} title="Merge with another customer">
      <Stack>
        <TextInput
          label="Who is the same person?"
          placeholder="A name or an address"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
        {found.isLoading && <LoadingRows count={2} />}
        {found.error && <ErrorNotice error={found.error} />}
        {found.data && !others.length && <Text c="dimmed">Nobody else is found.</Text>}
        {others.slice(0, SHOWN).map((one) => (
          <Group key={one.customerId} justify="space-between" wrap="nowrap">
            <div>
              <Text>{nameOf(one)}</Text>
              <Text size="sm" c="dimmed">
                {mailAddressOf(one)}
              </Text>
            </div>
            <Button size="compact-sm" onClick={() => props.choose(one.customerId)}>
              Preview merge
            </Button>
          </Group>
        ))}
      </Stack>
    </Modal>
  );
}
