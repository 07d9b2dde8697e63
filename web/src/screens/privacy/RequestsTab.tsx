import { Badge, Button, Group, Paper, Stack, Text } from "@mantine/core";
import type { PrivacyRequest } from "crm-lite-client";
import { Link, useSearchParams } from "react-router";
import { useNames } from "../../audit/names";
import { PeopleNamed } from "../../audit/PersonName";
import { useWho } from "../../audit/who";
import { time } from "../../format";
import { EmptyNotice, ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t, wordsFor } from "../../words";
import { Deadline } from "./Deadline";
import { RequestSheet } from "./RequestSheet";
import { useRequests } from "./requests";

/** What people asked for and what became of it, what waits for staff first; or one of them, to read and print. */
export function RequestsTab() {
  const [asked] = useSearchParams();
  const list = useRequests();
  const { requests } = list;
  // Whoever is erased has no name any more.
  const names = useNames(
    (requests ?? []).filter(({ report }) => !report).flatMap((one) => one.customerIds),
  );
  if (list.error) return <ErrorNotice error={list.error} retry={list.refetch} />;
  if (!requests) return <LoadingRows />;
  const chosen = asked.get("request");
  if (chosen) {
    const one = requests.find(({ requestId }) => requestId === chosen);
    if (one) return <RequestSheet request={one} names={names} />;
    return (
      <EmptyNotice title={t("privacy.noSuchRequest")}>
        <Link to="/privacy">{t("privacy.allRequests")}</Link>
      </EmptyNotice>
    );
  }
  if (!requests.length) {
    return <EmptyNotice title={t("privacy.noRequests")}>{t("privacy.noRequestsHint")}</EmptyNotice>;
  }
  const open = requests.filter(({ state }) => state === "open").length;
  return (
    <Stack>
      <Text fw={600} role="status">
        {t("privacy.waiting", { count: open })}
      </Text>
      <Stack gap="xs" component="ul" m={0} p={0} className="plain" aria-label={t("privacy.list")}>
        {requests.map((one) => (
          <Paper component="li" withBorder p="sm" className="leads" key={one.requestId}>
            <RequestRow request={one} names={names} />
          </Paper>
        ))}
      </Stack>
      {list.hasNextPage && (
        <Group>
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => list.fetchNextPage()}
          >
            {t("privacy.older")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function RequestRow({ request, names }: { request: PrivacyRequest; names: Map<string, string> }) {
  const { requestId, kind, at, state, customerIds, report, stoppedBy } = request;
  const who = useWho();
  const by = request.by === "staff" ? who(request.actor) : t(`privacy.by.${request.by}`);
  return (
    <Stack gap={4}>
      <Group justify="space-between" gap="xs">
        <Link className="link" to={`/privacy?${new URLSearchParams({ request: requestId })}`}>
          {t(`privacy.kind.${kind}`)}
        </Link>
        <Group gap="xs">
          {state === "open" && request.dueAt && <Deadline dueAt={request.dueAt} />}
          <Badge variant="default" tt="none" miw="max-content">
            {t(`privacy.state.${state}`)}
          </Badge>
        </Group>
      </Group>
      <Text size="sm" c="dimmed">
        {t("privacy.askedFor", { at: time(at), who: by })}
      </Text>
      {!report && (
        <Text size="sm">
          <PeopleNamed ids={customerIds} names={names} />
        </Text>
      )}
      {state === "open" && stoppedBy && (
        <Text size="sm">{wordsFor(`privacy.stopped.${stoppedBy}`) ?? stoppedBy}</Text>
      )}
    </Stack>
  );
}
