import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconPrinter } from "@tabler/icons-react";
import type { PrivacyRequest } from "crm-lite-client";
import { Link } from "react-router";
import { ErasureReport } from "../../audit/ErasureReport";
import { PeopleNamed } from "../../audit/PersonName";
import { useWho } from "../../audit/who";
import { day, time } from "../../format";
import { BackLink } from "../../ui/BackLink";
import { t, wordsFor } from "../../words";
import { Deadline } from "./Deadline";

/** What stands for a reason where a signed-in person erased themselves. */
const OWN = "asked by the person, signed in";

/** One request with all that is known of it, as it is printed; of one that waits, what to do. */
export function RequestSheet(props: { request: PrivacyRequest; names: Map<string, string> }) {
  const { kind, state, at, dueAt, by, actor, customerIds, reason, stoppedBy, erasureId, report } =
    props.request;
  const who = useWho();
  const facts = [
    { name: t("privacy.sheet.askedAt"), said: time(at) },
    { name: t("privacy.sheet.by"), said: by === "staff" ? who(actor) : t(`privacy.by.${by}`) },
    { name: t("privacy.sheet.state"), said: t(`privacy.state.${state}`) },
    dueAt && { name: t("privacy.sheet.due"), said: day(dueAt) },
    stoppedBy && {
      name: t("privacy.sheet.stopped"),
      said: wordsFor(`privacy.stopped.${stoppedBy}`) ?? stoppedBy,
    },
    reason && {
      name: t("privacy.sheet.reason"),
      said: reason === OWN ? t("privacy.ownReason") : reason,
    },
    report && { name: t("privacy.sheet.customers"), said: customerIds.join(", ") },
  ].filter((fact) => !!fact);
  return (
    <Stack>
      <Group justify="space-between" className="not-printed">
        <BackLink path="/privacy">{t("privacy.allRequests")}</BackLink>
        <Button
          variant="default"
          leftSection={<IconPrinter size={16} aria-hidden />}
          onClick={() => window.print()}
        >
          {t("privacy.print")}
        </Button>
      </Group>
      <Group gap="xs">
        <Title order={2} size="h3">
          {report ? t("person.erase.report") : t(`privacy.kind.${kind}`)}
        </Title>
        {state === "open" && dueAt && <Deadline dueAt={dueAt} />}
      </Group>
      <dl className="facts">
        {facts.map(({ name, said }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{said}</dd>
          </div>
        ))}
        {!report && (
          <div>
            <dt>{t("privacy.sheet.person")}</dt>
            <dd>
              <PeopleNamed ids={customerIds} names={props.names} />
            </dd>
          </div>
        )}
      </dl>
      {state === "open" && <Text>{t("privacy.whatToDo")}</Text>}
      {report && erasureId && <ErasureReport erasureId={erasureId} report={report} />}
      {kind === "erasure" && customerIds[0] && (
        <Text size="sm" className="not-printed">
          <Link to={`/privacy?${new URLSearchParams({ tab: "trail", person: customerIds[0] })}`}>
            {t("privacy.sheet.trail")}
          </Link>
        </Text>
      )}
    </Stack>
  );
}
