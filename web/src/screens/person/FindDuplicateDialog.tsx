import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useCustomers } from "../../people/asking";
import { NEWEST } from "../../people/sorting";
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
  const [typed, setTyped] = useState("");
  const [text] = useDebouncedValue(typed.trim(), 150);
  const found = useCustomers({ kind: "search", text }, NEWEST, props.opened && text.length > 1);
  const customers = found.data?.pages.flatMap((page) => page.customers) ?? [];
  const waiting = found.isLoading || typed.trim() !== text;
  const others = customers.filter((one) => one.customerId !== props.but);
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
        {waiting && <LoadingRows count={2} />}
        {found.error && <ErrorNotice error={found.error} />}
        {!waiting && found.data && !others.length && <Text c="dimmed">Nobody else is found.</Text>}
        {(waiting ? [] : others.slice(0, SHOWN)).map((one) => (
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
        {!waiting && (others.length > SHOWN || found.hasNextPage) && (
          <Text size="sm" c="dimmed">
            More are found: write more of the name or the address.
          </Text>
        )}
      </Stack>
    </Modal>
  );
}
