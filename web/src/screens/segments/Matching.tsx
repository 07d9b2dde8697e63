import { Button, Group, Loader, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/calls";
import { useEventNames } from "../../api/events";
import { useSegments, useTagLabels } from "../../api/queries";
import type { Counted, CustomersPage, SegmentNode } from "../../api/types";
import { useBackend } from "../../backend";
import { number, plural } from "../../format";
import { NEWEST } from "../../people/sorting";
import { eventsIn } from "../../segments/builder";
import { inWords } from "../../segments/describe";
import { Card } from "../../ui/Card";
import { CustomerLink } from "../../ui/CustomerCells";
import { eventLabel } from "../../ui/EventParts";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { Warnings } from "../../ui/Warnings";

const FIRST = 5;

/** Who a question is about: how many, in words, the first of them, and the way to all of them. */
export function Matching(props: {
  /** The last answer, also while another one is waited for. */
  told: Counted | undefined;
  /** That it is the answer to what is asked now. */
  current: boolean;
  counting: boolean;
  refused: boolean;
  showAll: (() => void) | null;
}) {
  const { told, current, refused } = props;
  return (
    <Card title="Matching people">
      <Group gap="xs" aria-live="polite">
        <Text size="xl" fw={700} data-testid="count">
          {refused ? "–" : told ? plural(told.count, "person", "people") : "…"}
        </Text>
        {props.counting && <Loader size="xs" role="img" aria-label="Counting" />}
      </Group>
      {told && !refused && (
        <>
          {current && <Warnings warnings={told.warnings} />}
          <InWords segment={told.segment} />
        </>
      )}
      {current && told && told.count > 0 && (
        <>
          <Reachable segment={told.segment} count={told.count} />
          <First told={told} showAll={props.showAll} />
        </>
      )}
      {!current && !refused && <LoadingRows count={2} />}
    </Card>
  );
}

function InWords({ segment }: { segment: SegmentNode }) {
  const labels = useTagLabels();
  const events = useEventNames(eventsIn(segment));
  const saved = useSegments().data ?? [];
  const event = (id: string) => {
    const known = events.get(id);
    return known ? eventLabel(known) : id;
  };
  const names = {
    tag: (id: string) => labels.get(id) ?? id,
    event,
    segment: (id: string) => saved.find((one) => one.segmentId === id)?.name ?? id,
  };
  return <Text data-testid="words">{inWords(segment, names)}</Text>;
}

/** How many of them the newsletter list holds, and why not the others. */
function Reachable({ segment, count }: { segment: SegmentNode; count: number }) {
  const backend = useBackend();
  const found = useQuery({
    queryKey: ["count", "newsletter", segment],
    queryFn: async () => {
      const ask = (marketing: string) =>
        call<Counted>(backend, "count_segment", { segment: { all: [segment, { marketing }] } });
      const [yes, no] = await Promise.all([ask("subscribed"), ask("unsubscribed")]);
      return { yes: yes.count, no: no.count };
    },
    retry: false,
  });
  if (!found.data) return null;
  const { yes, no } = found.data;
  const rest = Math.max(0, count - yes - no);
  return (
    <Text size="sm" data-testid="reachable">
      {number(yes)} get the newsletter ({number(rest)} not subscribed, {number(no)} unsubscribed).
      The list for download holds them alone.
    </Text>
  );
}

function First({ told, showAll }: { told: Counted; showAll: (() => void) | null }) {
  const backend = useBackend();
  const { segment, count } = told;
  const found = useQuery({
    queryKey: ["customers", "first", segment],
    queryFn: () =>
      call<CustomersPage>(backend, "query_segment", { segment, sort: NEWEST, pageSize: FIRST }),
    retry: false,
  });
  const customers = found.data?.customers ?? [];
  return (
    <Stack gap="xs" aria-label="Who bought last" role="group">
      {found.error && <ErrorNotice error={found.error} retry={found.refetch} />}
      {found.isPending && <LoadingRows count={FIRST} />}
      {found.data && (
        <Text size="sm" c="dimmed">
          {customers.length < count
            ? `The ${number(customers.length)} who bought last`
            : "All of them"}
        </Text>
      )}
      {customers.map((one) => (
        <CustomerLink key={one.customerId} customer={one} />
      ))}
      {showAll && (
        <Button variant="default" onClick={showAll}>
          Show all {plural(count, "person", "people")}
        </Button>
      )}
    </Stack>
  );
}
