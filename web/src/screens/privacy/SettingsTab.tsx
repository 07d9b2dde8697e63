import { Badge, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { call } from "../../api/calls";
import { useBackend } from "../../backend";
import { number } from "../../format";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t, wordsFor } from "../../words";
import { usePrivacyChecks, useProcessingRecord } from "./setup";

const COLOURS = { ok: "teal", warn: "orange", fail: "red" };

/** Whether the installation is set up as people's rights want it, and what it does with them. */
export function SettingsTab() {
  const checks = usePrivacyChecks();
  return (
    <Stack>
      {checks.error && <ErrorNotice error={checks.error} retry={checks.refetch} />}
      {checks.isPending && <LoadingRows />}
      {checks.data && (
        <Stack
          gap="xs"
          component="ul"
          m={0}
          p={0}
          className="plain"
          aria-label={t("privacy.checks")}
        >
          {checks.data.map(({ check, verdict, message, to }) => (
            <Paper component="li" withBorder p="sm" key={check}>
              <Group justify="space-between" gap="xs">
                <Text fw={600}>{wordsFor(`privacy.check.${check}`) ?? check}</Text>
                <Badge
                  variant="dot"
                  color={COLOURS[verdict]}
                  c="var(--mantine-color-text)"
                  tt="none"
                  miw="max-content"
                >
                  {t(`privacy.verdict.${verdict}`)}
                </Badge>
              </Group>
              <Text size="sm" lang="en">
                {message}
              </Text>
              {check === "privacy" && verdict !== "ok" && (
                <Link to="/privacy?tab=record">{t("privacy.toRecord")}</Link>
              )}
              {to && to !== "/privacy" && verdict !== "ok" && (
                <Link to={to}>{t("privacy.toPage")}</Link>
              )}
            </Paper>
          ))}
        </Stack>
      )}
      <Rules />
    </Stack>
  );
}

/** What crm.toml says about people's data, each with the name of the setting. */
function Rules() {
  const backend = useBackend();
  const record = useProcessingRecord();
  const settings = useQuery({
    queryKey: ["settings"],
    queryFn: () => call(backend, "get_settings"),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const error = record.error ?? settings.error;
  if (error) return <ErrorNotice error={error} />;
  if (!record.data || !settings.data) return <LoadingRows count={3} />;
  const { erasure } = record.data;
  const { optIn, doubleOptInDays, holdFutureEvents } = settings.data.settings;
  const rules = [
    {
      name: "erasure.orders",
      said: wordsFor(`privacy.rule.orders.${erasure.orders}`) ?? erasure.orders,
    },
    ...(erasure.orders === "delete"
      ? []
      : [
          {
            name: "erasure.keep_years",
            said: t("privacy.rule.keepYears", { count: erasure.keepYears }),
          },
          { name: "erasure.basis", said: erasure.basis },
        ]),
    {
      name: "erasure.hold_future_events",
      said: holdFutureEvents ? t("privacy.rule.holds") : t("privacy.rule.holdsNot"),
    },
    {
      name: "newsletter.opt_in",
      said:
        optIn === "double"
          ? t("privacy.rule.double", { days: number(doubleOptInDays) })
          : t("privacy.rule.single"),
    },
  ];
  return (
    <>
      <Title order={2} size="h4">
        {t("privacy.rules")}
      </Title>
      <dl className="facts">
        {rules.map(({ name, said }) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{said}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
