import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useCustomers } from "../../people/asking";
import { NEWEST } from "../../people/sorting";
import { mailAddressOf, nameOf } from "../../ui/CustomerCells";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";

const SHOWN = 8;

/** A search for the person to merge with. */
export function FindDuplicateDialog(props: {
  but: string;
  close: () => void;
  choose: (customerId: string) => void;
}) {
  const [typed, setTyped] = useState("");
  const [text] = useDebouncedValue(typed.trim(), 150);
  const found = useCustomers({ kind: "search", text }, NEWEST, text.length > 1);
  const customers = found.data?.pages.flatMap((page) => page.customers) ?? [];
  const waiting = found.isLoading || typed.trim() !== text;
  const others = customers.filter((one) => one.customerId !== props.but);
  return (
    <Modal
      opened
      onClose={props.close}
      title={t("person.merge.findTitle")}
      closeButtonProps={{ "aria-label": t("shared.close") }}
    >
      <Stack>
        <TextInput
          label={t("person.merge.who")}
          placeholder={t("person.merge.nameOrAddress")}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
        {waiting && <LoadingRows count={2} />}
        {found.error && <ErrorNotice error={found.error} />}
        {!waiting && found.data && !others.length && (
          <Text c="dimmed">{t("person.merge.nobodyElse")}</Text>
        )}
        {(waiting ? [] : others.slice(0, SHOWN)).map((one) => (
          <Group key={one.customerId} justify="space-between" wrap="nowrap">
            <div>
              <Text>{nameOf(one)}</Text>
              <Text size="sm" c="dimmed">
                {mailAddressOf(one)}
              </Text>
            </div>
            <Button
              size="compact-sm"
              miw="max-content"
              onClick={() => props.choose(one.customerId)}
            >
              {t("person.duplicates.compare")}
            </Button>
          </Group>
        ))}
        {!waiting && (others.length > SHOWN || found.hasNextPage) && (
          <Text size="sm" c="dimmed">
            {t("person.merge.moreFound")}
          </Text>
        )}
      </Stack>
    </Modal>
  );
}
