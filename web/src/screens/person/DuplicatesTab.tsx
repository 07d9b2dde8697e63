import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import type { Customer, Likely } from "../../api/types";
import { useMay } from "../../session";
import { CustomerLink } from "../../ui/CustomerCells";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";
import { useLookalikes } from "./lookalikes";

/** The people who may be the same one, each with why, and undoing what was merged. */
export function DuplicatesTab(props: {
  customer: Customer;
  likely: Likely[] | undefined;
  compare: (customerId: string) => void;
  find: () => void;
  undo: { run: (mergeId: string) => void; isPending: boolean };
}) {
  const editor = useMay("editor");
  const { customer, likely, compare, find, undo } = props;
  const { lookalikes, error, retry } = useLookalikes(customer, likely);
  const merges = customer.merges?.open ?? [];
  const last = merges.at(-1);
  return (
    <Stack>
      {error && <ErrorNotice error={error} retry={retry} />}
      {!lookalikes && !error && <LoadingRows count={2} />}
      {lookalikes?.length === 0 && <Text c="dimmed">{t("person.duplicates.none")}</Text>}
      {!!lookalikes?.length && (
        <Stack
          gap="xs"
          component="ul"
          m={0}
          p={0}
          className="plain"
          aria-label={t("person.duplicates.title")}
        >
          {lookalikes.map((one) => (
            <Paper component="li" withBorder p="sm" key={one.customer.customerId}>
              <Group justify="space-between" gap="xs">
                <CustomerLink customer={one.customer} />
                {editor && (
                  <Button size="compact-sm" onClick={() => compare(one.customer.customerId)}>
                    {t("person.duplicates.compare")}
                  </Button>
                )}
              </Group>
              {one.reasons.map((reason) => (
                <Text size="sm" c="dimmed" key={reason}>
                  {t(`person.duplicates.reason.${reason}`)}
                </Text>
              ))}
            </Paper>
          ))}
        </Stack>
      )}
      {editor && (
        <Group gap="xs">
          <Button variant="default" onClick={find}>
            {t("person.merge.open")}
          </Button>
          {last && (
            <>
              <Button variant="default" loading={undo.isPending} onClick={() => undo.run(last)}>
                {t("person.merge.undoLast")}
              </Button>
              <Text size="sm">{t("person.merge.canBeUndone", { count: merges.length })}</Text>
            </>
          )}
        </Group>
      )}
    </Stack>
  );
}
