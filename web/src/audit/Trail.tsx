import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { useTagLabels } from "../api/queries";
import { type TrailOf, useTrail } from "../api/trail";
import type { AuditEntry } from "../api/types";
import { time } from "../format";
import { EmptyNotice, ErrorNotice, LoadingRows } from "../ui/PageParts";
import { t } from "../words";
import { detailsInWords, doneInWords, type Known, pageOf, whoDid } from "./happened";
import { useNames } from "./names";
import { MOST_NAMED, PeopleNamed } from "./PersonName";
import { useWho } from "./who";

/** Who changed what and when, the newest first; for admins. */
export function Trail({ of }: { of: TrailOf }) {
  const trail = useTrail(of);
  const names = useNames(
    (trail.entries ?? []).flatMap((one) => one.customers.slice(0, MOST_NAMED)),
  );
  const known = { labels: useTagLabels(), who: useWho() };
  if (trail.error) return <ErrorNotice error={trail.error} retry={trail.refetch} />;
  if (!trail.entries) return <LoadingRows />;
  if (!trail.entries.length) return <EmptyNotice title={t("activity.trail.none")} />;
  return (
    <Stack gap="sm">
      <Stack
        gap="xs"
        component="ul"
        m={0}
        p={0}
        className="plain"
        aria-label={t("activity.trail.title")}
      >
        {trail.entries.map((entry) => (
          <Paper component="li" withBorder p="sm" key={entry.entryId}>
            <Entry entry={entry} names={names} known={known} />
          </Paper>
        ))}
      </Stack>
      {trail.hasNextPage && (
        <Group className="not-printed">
          <Button
            variant="default"
            loading={trail.isFetchingNextPage}
            onClick={() => trail.fetchNextPage()}
          >
            {t("activity.trail.older")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Entry(props: { entry: AuditEntry; names: Map<string, string>; known: Known }) {
  const { entry, names, known } = props;
  const details = detailsInWords(entry, known);
  const page = pageOf(entry);
  return (
    <Stack gap={2}>
      <Group justify="space-between" gap="xs">
        <Text fw={600}>{doneInWords(entry)}</Text>
        <Text size="sm" c="dimmed">
          {time(entry.at)}, {whoDid(entry, known)}
        </Text>
      </Group>
      {entry.customers.length > 0 && (
        <Text size="sm">
          <PeopleNamed ids={entry.customers} names={names} />
        </Text>
      )}
      {details && <Text size="sm">{details}</Text>}
      {page && (
        <Text size="sm">
          <Link to={page.to}>{page.name}</Link>
        </Text>
      )}
    </Stack>
  );
}
