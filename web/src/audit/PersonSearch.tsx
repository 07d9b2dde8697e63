import { Group, Paper, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { useCustomers } from "../people/asking";
import { NEWEST } from "../people/sorting";
import { ConsentBadge, mailAddressOf, nameOf } from "../ui/CustomerCells";
import { ErrorNotice, LoadingRows } from "../ui/PageParts";
import { t } from "../words";

const SHOWN = 10;

/** A search for a person; whoever is found is a row that leads where the caller says. */
export function PersonSearch(props: {
  label: string;
  /** What was typed, as the address kept it. */
  kept: string;
  keep: (text: string) => void;
  to: (customerId: string) => string;
}) {
  const [typed, setTyped] = useState(props.kept);
  const [text] = useDebouncedValue(typed.trim(), 150);
  const found = useCustomers({ kind: "search", text }, NEWEST, text.length > 1);
  const customers = found.data?.pages.flatMap((page) => page.customers) ?? [];
  const waiting = typed.trim().length > 1 && (found.isLoading || typed.trim() !== text);
  const hits = waiting || typed.trim().length < 2 ? [] : customers.slice(0, SHOWN);
  return (
    <Stack gap="xs" className="not-printed">
      <TextInput
        type="search"
        label={props.label}
        placeholder={t("privacy.nameOrAddress")}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          props.keep(event.currentTarget.value);
        }}
        maw={420}
      />
      {waiting && <LoadingRows count={2} />}
      {found.error && <ErrorNotice error={found.error} retry={found.refetch} />}
      {!waiting && typed.trim().length > 1 && found.data && !customers.length && (
        <Text c="dimmed">{t("privacy.nobodyFound")}</Text>
      )}
      {hits.length > 0 && (
        <Stack gap={4} component="ul" m={0} p={0} className="plain" aria-label={t("privacy.found")}>
          {hits.map((one) => (
            <Paper component="li" withBorder p="xs" className="leads" key={one.customerId}>
              <Group justify="space-between" gap="xs">
                <div>
                  <Link className="link" to={props.to(one.customerId)}>
                    {nameOf(one)}
                  </Link>
                  <Text size="sm" c="dimmed">
                    {one.name ? mailAddressOf(one) : ""}
                  </Text>
                </div>
                <ConsentBadge marketing={one.marketing} />
              </Group>
            </Paper>
          ))}
        </Stack>
      )}
      {!waiting && (customers.length > SHOWN || found.hasNextPage) && (
        <Text size="sm" c="dimmed">
          {t("privacy.moreFound")}
        </Text>
      )}
    </Stack>
  );
}
