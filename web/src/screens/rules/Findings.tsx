import { Alert, List, Stack, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import type { RuleEvent, RulePreview } from "../../api/rules";
import { number, time, ZONE } from "../../format";
import { EventLink } from "../../ui/EventParts";
import { Warnings } from "../../ui/Warnings";
import { t } from "../../words";
import type { Kind } from "./draft";
import { excludedSaid, problemSaid } from "./sentences";

/** What a rule would do, as a preview found it: in numbers, and with the people and events where asked for. */
export function Findings(props: { preview: RulePreview; kind: Kind; whole?: boolean }) {
  const { preview, kind, whole } = props;
  const { problems, audience, events, people } = preview;
  return (
    <Stack gap="sm">
      {(kind === "enters" || kind === "subscribed") && (
        <Text data-testid="matching">{t("rules.found.matching", { count: preview.matching })}</Text>
      )}
      {kind === "eventEnded" && !events.length && <Text>{t("rules.found.noEvents")}</Text>}
      {kind === "eventEnded" && !!events.length && <Next events={events} />}
      {kind === "sinceLastOrder" && !people.length && <Text>{t("rules.found.nobodyDue")}</Text>}
      {kind === "sinceLastOrder" && !!people.length && (
        <Text>{t("rules.found.due", { time: time(people[0]?.dueAt ?? null) })}</Text>
      )}
      {preview.pauses && (
        <Alert color="yellow" role="status">
          {t("rules.found.pauses", { count: preview.most })}
        </Alert>
      )}
      {problems.length > 0 && (
        <Alert color={problems.some((one) => one.blocking) ? "red" : "yellow"} role="alert">
          <List aria-label={t("rules.found.problems")} size="sm">
            {problems.map((one) => (
              <List.Item key={`${one.reason} ${one.at}`}>
                {one.blocking && <strong>{t("rules.found.stops")} </strong>}
                {problemSaid(one)}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      {audience && (
        <Stack gap={4}>
          <Text data-testid="reached">
            {t("rules.found.audience", {
              matched: number(audience.matched),
              reachable: number(audience.reachable),
            })}
          </Text>
          <List size="sm" aria-label={t("rules.found.why")}>
            {Object.entries(audience.excluded).map(([reason, count]) => (
              <List.Item key={reason}>
                {number(count)} {excludedSaid(reason)}
              </List.Item>
            ))}
          </List>
        </Stack>
      )}
      <Warnings warnings={preview.warnings.filter(({ name }) => name !== "this_event")} />
      {whole && events.length > 0 && <Events events={events} />}
      {whole && people.length > 0 && <People people={people} />}
    </Stack>
  );
}

/** Of events the one that is due next. */
function Next({ events }: { events: RuleEvent[] }) {
  const now = Date.now();
  const coming = events.filter((one) => one.dueAt && Date.parse(String(one.dueAt)) > now);
  const next = coming.at(-1); // the latest comes first
  if (!next) return <Text>{t("rules.found.noneDue")}</Text>;
  return (
    <Text data-testid="next">
      {t("rules.found.next", {
        event: next.name ?? next.eventId,
        time: time(next.dueAt),
        zone: ZONE,
        people: t("shared.people", { count: next.people }),
      })}
    </Text>
  );
}

function Events({ events }: { events: RuleEvent[] }) {
  return (
    <Table.ScrollContainer minWidth={280} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="xs" aria-label={t("rules.found.events")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("rules.found.event")}</Table.Th>
            <Table.Th>{t("rules.found.dueAt", { zone: ZONE })}</Table.Th>
            <Table.Th ta="right">{t("rules.found.people")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {events.map((one) => (
            <Table.Tr key={one.eventId}>
              <Table.Td>
                <EventLink eventId={one.eventId} name={one.name} />
              </Table.Td>
              <Table.Td>
                {time(one.dueAt)}
                {one.begun && (
                  <Text size="sm" c="dimmed">
                    {t("rules.found.begun")}
                  </Text>
                )}
              </Table.Td>
              <Table.Td ta="right" className="figures">
                {number(one.people)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function People({ people }: { people: RulePreview["people"] }) {
  return (
    <Table.ScrollContainer minWidth={280} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="xs" aria-label={t("rules.found.people")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("rules.found.person")}</Table.Th>
            <Table.Th>{t("rules.found.what")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {people.map((one) => (
            <Table.Tr key={one.customerId}>
              <Table.Td>
                <Link className="link" to={`/people/${one.customerId}`}>
                  {one.name ?? one.email ?? t("shared.namelessPerson")}
                </Link>
                <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                  {one.name ? one.email : ""}
                </Text>
              </Table.Td>
              <Table.Td>
                <Text size="sm">
                  {one.excluded
                    ? t("rules.found.not", { why: excludedSaid(one.excluded) })
                    : t("rules.found.acts", { time: time(one.dueAt) })}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
