import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Popover,
  Stack,
  Tabs,
  Text,
  TextInput,
} from "@mantine/core";
import { IconAdjustments } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { useSegments } from "../../api/queries";
import { useBackend } from "../../backend";
import { BUILT_IN, isBuiltIn, usePinned } from "../../people/views";
import { Confirm } from "../../ui/Confirm";
import { notifyDone, notifyWarnings } from "../../ui/notify";
import { t } from "../../words";

/** The views as tabs: those that everybody has, and the saved segments that are pinned in this browser. */
export function Views(props: { view: string; show: (view: string) => void; children: ReactNode }) {
  const { view } = props;
  const [pinned] = usePinned();
  const saved = useSegments().data;
  const nameOf = (id: string) => saved?.find((one) => one.segmentId === id)?.name;
  // A link can lead to a view that is not pinned here; one whose segment is gone is none any more.
  const own = [...new Set([...pinned, ...(isBuiltIn(view) ? [] : [view])])].filter(
    (id) => id === view || nameOf(id) !== undefined,
  );
  return (
    <Tabs value={view} onChange={(next) => next && props.show(next)}>
      <Tabs.List aria-label={t("people.views.label")} mb="sm">
        {BUILT_IN.map((one) => (
          <Tabs.Tab key={one} value={one}>
            {t(`people.views.${one}`)}
          </Tabs.Tab>
        ))}
        {own.map((id) => (
          <Tabs.Tab key={id} value={id} maw="100%">
            {nameOf(id) ?? id}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={view}>{props.children}</Tabs.Panel>
    </Tabs>
  );
}

/** Which saved segments are tabs. */
export function ViewChooser() {
  const [pinned, pin] = usePinned();
  const saved = useSegments().data ?? [];
  return (
    <Popover position="bottom-end" trapFocus withinPortal>
      <Popover.Target>
        <ActionIcon variant="default" size="lg" aria-label={t("people.views.choose")}>
          <IconAdjustments size={18} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown mah={400} style={{ overflowY: "auto" }}>
        <Stack gap="xs">
          {saved.length === 0 && <Text size="sm">{t("people.views.none")}</Text>}
          {saved.map(({ segmentId, name }) => (
            <Checkbox
              key={segmentId}
              label={name}
              checked={pinned.includes(segmentId)}
              onChange={(event) => pin(segmentId, event.currentTarget.checked)}
            />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Save a question as a segment, and make it a view of this browser. */
export function SaveView(props: { text: string; show: (view: string) => void }) {
  const backend = useBackend();
  const [, pin] = usePinned();
  const [opened, setOpened] = useState(false);
  const [name, setName] = useState("");
  const saving = useDeed({
    work: () => call(backend, "save_segment", { name: name.trim(), segment: props.text }),
    onSuccess: ({ segmentId, warnings }) => {
      pin(segmentId, true);
      notifyDone(t("people.views.saved"));
      notifyWarnings(warnings);
      setOpened(false);
      setName("");
      props.show(segmentId);
    },
  });
  return (
    <>
      <Button variant="default" size="compact-sm" onClick={() => setOpened(true)}>
        {t("people.views.save")}
      </Button>
      <Confirm
        opened={opened}
        title={t("people.views.save")}
        action={t("people.views.saveAction")}
        pending={saving.isPending}
        error={saving.error}
        disabled={!name.trim()}
        close={() => {
          saving.reset();
          setOpened(false);
          setName("");
        }}
        confirm={() => saving.run()}
      >
        <Group>
          <Text size="sm">{t("people.views.saveHint")}</Text>
        </Group>
        <TextInput
          label={t("people.views.name")}
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
      </Confirm>
    </>
  );
}
