import { Button, Group, List, Text, ThemeIcon } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconX } from "@tabler/icons-react";
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
  ok: { colour: "teal.9", Icon: IconCheck },
  warn: { colour: "yellow.4", Icon: IconAlertTriangle },
  fail: { colour: "red.9", Icon: IconX },
} as const;

/** What it takes until the console can be worked with: what is done, what is missing, and where it is done. */
export default function Checklist({ checks }: { checks: Check[] }) {
  const admin = useMay("admin");
  return (
    <Card title={t("home.setup.title")}>
      <Text size="sm" c="dimmed">
        {t("home.setup.hint", {
          done: checks.filter((one) => one.verdict === "ok").length,
          all: checks.length,
        })}
      </Text>
      <List spacing="sm" className="plain" listStyleType="none">
        {checks.map((one) => (
          <Line key={one.check} {...one} admin={admin} />
        ))}
      </List>
    </Card>
  );
}

function Line({ check, verdict, message, to, admin }: Check & { admin: boolean }) {
  const { colour, Icon } = SIGNS[verdict];
  const title = wordsFor(`home.setup.checks.${check}.title`) ?? check;
  // The server's sentence names what the page does not know; it is English.
  const todo = language() === "en" ? null : wordsFor(`home.setup.checks.${check}.todo`);
  const open = verdict !== "ok";
  const may = to !== null && (admin || !["/staff", "/privacy"].includes(to));
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
          {open && <Text size="sm">{todo ?? message}</Text>}
        </div>
        {check === "history" && verdict === "fail" && admin ? (
          <Import />
        ) : (
          open &&
          may && (
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
