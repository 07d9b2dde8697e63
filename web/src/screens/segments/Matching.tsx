import { Button, Group, Loader, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/calls";
import type { Counted } from "../../api/types";
import { useBackend } from "../../backend";
import { NEWEST } from "../../people/sorting";
import { InWords } from "../../segments/InWords";
import { Card } from "../../ui/Card";
import { CustomerLink } from "../../ui/CustomerCells";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { Warnings } from "../../ui/Warnings";
import { t } from "../../words";

const FIRST = 5;

/** Who a question is about: how many, in words, the first of them, and the way to all of them. */
export function Matching(props: {
  /** The last answer, also while another one is waited for. */
  told: Counted | undefined;
  /** That it is the answer to what is asked now. */
  current: boolean;
  counting: boolean;
  refused: boolean;
  showAll: () => void;
}) {
  const { told, current, refused } = props;
  return (
    <Card title={t("segments.matching")}>
      <Group gap="xs" aria-live="polite">
        <Text size="xl" fw={700} data-testid="count">
          {refused ? "–" : told ? t("shared.people", { count: told.count }) : "…"}
        </Text>
        {props.counting && <Loader size="xs" role="img" aria-label={t("segments.counting")} />}
      </Group>
      {told && !refused && (
        <>
          {current && <Warnings warnings={told.warnings} />}
          <InWords segment={told.segment} />
        </>
      )}
      {current && told && told.count > 0 && <First told={told} showAll={props.showAll} />}
      {!current && !refused && <LoadingRows count={2} />}
    </Card>
  );
}

function First({ told, showAll }: { told: Counted; showAll: () => void }) {
  const backend = useBackend();
  const { segment, count } = told;
  const found = useQuery({
    queryKey: ["customers", "first", segment],
    queryFn: () => call(backend, "query_segment", { segment, sort: NEWEST, pageSize: FIRST }),
    retry: false,
  });
  const customers = found.data?.customers ?? [];
  return (
    <Stack gap="xs" aria-label={t("segments.whoBoughtLast")} role="group">
      {found.error && <ErrorNotice error={found.error} retry={found.refetch} />}
      {found.isPending && <LoadingRows count={FIRST} />}
      {customers.length > 0 && customers.length < count && (
        <Text size="sm" c="dimmed">
          {t("segments.first", { count: customers.length })}
        </Text>
      )}
      {customers.map((one) => (
        <CustomerLink key={one.customerId} customer={one} />
      ))}
      <Button variant="default" onClick={showAll}>
        {t("segments.showAll", { count })}
      </Button>
    </Stack>
  );
}
