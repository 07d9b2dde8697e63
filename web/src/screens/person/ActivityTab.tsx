import { Button, Group, NativeSelect, Stack, Text, Timeline } from "@mantine/core";
import {
  IconCalendarEvent,
  IconGitMerge,
  IconMail,
  IconNews,
  IconPencil,
  IconReceipt,
  IconRobot,
  IconTag,
  IconUserPlus,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";
import { time } from "../../format";
import { useMay } from "../../session";
import { EmptyNotice, ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";
import type { Asked } from "./happenings";
import { useHappenings } from "./happenings";
import { type Kind, kindFrom, kindsFor } from "./kinds";

const ICON = { size: 14, "aria-hidden": true } as const;

const ICONS: Record<Kind | "since", ReactNode> = {
  orders: <IconReceipt {...ICON} />,
  events: <IconCalendarEvent {...ICON} />,
  consents: <IconNews {...ICON} />,
  mails: <IconMail {...ICON} />,
  rules: <IconRobot {...ICON} />,
  merges: <IconGitMerge {...ICON} />,
  tags: <IconTag {...ICON} />,
  notes: <IconPencil {...ICON} />,
  other: <IconPencil {...ICON} />,
  since: <IconUserPlus {...ICON} />,
};

/** All that happened to a person and was done to them, the latest first, or one kind of it. */
export function ActivityTab(props: Asked) {
  const admin = useMay("admin");
  const [asked, ask] = useSearchParams();
  const kind = kindFrom(asked.get("kind"));
  const { happenings, waiting, error, retry, more, fetching, fetchMore } = useHappenings(
    props,
    kind,
  );
  const choose = (chosen: string) =>
    ask(
      (before) => {
        const next = new URLSearchParams(before);
        chosen ? next.set("kind", chosen) : next.delete("kind");
        return next;
      },
      { replace: true },
    );
  return (
    <Stack gap="sm">
      <NativeSelect
        label={t("person.activity.show")}
        className="not-printed"
        maw={280}
        value={kind ?? ""}
        data={[
          { value: "", label: t("person.activity.kind.all") },
          ...kindsFor(admin).map((one) => ({
            value: one,
            label: t(`person.activity.kind.${one}`),
          })),
        ]}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      {error && <ErrorNotice error={error} retry={retry} />}
      {waiting && <LoadingRows count={happenings.length ? 1 : 6} />}
      {!waiting && !error && !more && !happenings.length && (
        <EmptyNotice title={t("person.activity.none")} />
      )}
      {happenings.length > 0 && (
        <Timeline bulletSize={26} lineWidth={2} data-testid="history">
          {happenings.map((row) => (
            <Timeline.Item key={row.key} bullet={ICONS[row.kind]} title={row.title}>
              {row.body}
              <Text size="sm" c="dimmed">
                {row.who ? `${time(row.at.toISOString())}, ${row.who}` : time(row.at.toISOString())}
              </Text>
            </Timeline.Item>
          ))}
        </Timeline>
      )}
      {more && (
        <Group>
          <Button variant="default" loading={fetching} onClick={fetchMore}>
            {t("person.activity.older")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
