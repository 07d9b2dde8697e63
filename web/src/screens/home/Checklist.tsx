import { Button, Group, List, Text, ThemeIcon } from "@mantine/core";
import { IconAlertTriangle, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { type Answer, call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { useBackend } from "../../backend";
import { useMay } from "../../session";
import { Card } from "../../ui/Card";
import { Confirm } from "../../ui/Confirm";
import { notifyDone } from "../../ui/notify";
import { language, t, wordsFor } from "../../words";

export type Check = Answer<"get_setup">["checks"][number];

const SIGNS = {
  warn: { colour: "yellow.4", Icon: IconAlertTriangle },
  fail: { colour: "red.9", Icon: IconX },
} as const;

const titleOf = ({ check }: Check) => wordsFor(`home.setup.checks.${check}.title`) ?? check;

/** What it takes until the console can be worked with: what is missing and where it is done, and what is done. */
export default function Checklist({ checks }: { checks: Check[] }) {
  const done = checks.filter((one) => one.verdict === "ok");
  return (
    <Card title={t("home.setup.title")}>
      <Text size="sm" c="dimmed">
        {t("home.setup.hint", { done: done.length, all: checks.length })}
      </Text>
      <List spacing="sm" className="plain" listStyleType="none">
        {checks.map(({ verdict, ...check }) =>
          verdict === "ok" ? null : (
            <Line key={check.check} check={{ ...check, verdict }} verdict={verdict} />
          ),
        )}
      </List>
      {done.length > 0 && (
        <Text size="sm">{t("home.setup.done", { what: done.map(titleOf).join(", ") })}</Text>
      )}
    </Card>
  );
}

function Line({ check, verdict }: { check: Check; verdict: keyof typeof SIGNS }) {
  const admin = useMay("admin");
  const { colour, Icon } = SIGNS[verdict];
  const title = titleOf(check);
  // The server's sentence names what the page does not know; it is English.
  const own = language() === "en" ? null : wordsFor(`home.setup.checks.${check.check}.todo`);
  const to = admin || !["/staff", "/privacy"].includes(check.to ?? "") ? check.to : null;
  return (
    <List.Item
      icon={
        <ThemeIcon color={colour} size={22} radius="xl" aria-hidden autoContrast>
          <Icon size={14} />
        </ThemeIcon>
      }
      styles={{
        itemWrapper: { display: "flex", alignItems: "flex-start" },
        itemLabel: { flex: 1 },
      }}
    >
      <Group justify="space-between" align="start">
        <div style={{ flex: "1 1 220px" }}>
          <Text fw={600}>
            {title}{" "}
            <Text span size="sm" fw={400}>
              ({t(`home.setup.verdicts.${verdict}`)})
            </Text>
          </Text>
          <Text size="sm">{own ?? check.message}</Text>
        </div>
        {check.check === "history" && verdict === "fail" && admin ? (
          <Import />
        ) : (
          to !== null && (
            <Button
              component={Link}
              to={to}
              size="compact-sm"
              variant="default"
              aria-label={`${t("home.setup.open")}: ${title}`}
            >
              {t("home.setup.open")}
            </Button>
          )
        )}
      </Group>
    </List.Item>
  );
}

/** Have everything looked at once, which takes over what was there before. */
function Import() {
  const backend = useBackend();
  const [asked, setAsked] = useState(false);
  const [begun, setBegun] = useState(false);
  const work = useDeed({
    work: () => call(backend, "rebuild_customers"),
    onSuccess: () => {
      notifyDone(t("home.setup.begun"));
      setBegun(true);
      setAsked(false);
    },
  });
  const close = () => {
    work.reset();
    setAsked(false);
  };
  if (begun) {
    return (
      <Button component={Link} to="/activity" size="compact-sm" variant="default">
        {t("home.setup.progress")}
      </Button>
    );
  }
  return (
    <>
      <Button size="compact-sm" onClick={() => setAsked(true)}>
        {t("home.setup.import")}
      </Button>
      <Confirm
        opened={asked}
        title={t("home.setup.import")}
        action={t("home.setup.importNow")}
        pending={work.isPending}
        error={work.error}
        close={close}
        confirm={() => work.run()}
      >
        <Text>{t("home.setup.importHint")}</Text>
      </Confirm>
    </>
  );
}
