import { Alert, Button, List, Modal, Stack, Text, Textarea, ThemeIcon } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { ask, type SenderCheck } from "../../api/campaigns";
import { useDeed } from "../../api/deeds";
import { useBackend } from "../../backend";
import { ErrorNotice } from "../../ui/PageParts";
import { language, t, wordsFor } from "../../words";

const SIGNS = {
  ok: { icon: IconCheck, color: "teal.8" },
  warn: { icon: IconAlertTriangle, color: "orange.8" },
  fail: { icon: IconX, color: "red.8" },
};

/** The headers of a mail that arrived, judged: whether receivers will take mails of this sender. */
export function CheckSender({ close }: { close: () => void }) {
  const backend = useBackend();
  const [headers, setHeaders] = useState("");
  const [found, setFound] = useState<SenderCheck | null>(null);
  const check = useDeed({
    work: () => ask(backend, "check_sender", { headers }),
    onSuccess: setFound,
  });
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={t("campaigns.check.open")}
      closeButtonProps={{ "aria-label": t("shared.close") }}
    >
      <Stack>
        <Text>{t("campaigns.check.how")}</Text>
        <Textarea
          label={t("campaigns.check.headers")}
          autosize
          minRows={5}
          maxRows={12}
          spellCheck={false}
          value={headers}
          onChange={(event) => {
            setHeaders(event.currentTarget.value);
            setFound(null);
          }}
          styles={{ input: { fontFamily: "ui-monospace, monospace" } }}
        />
        {check.error && <ErrorNotice error={check.error} />}
        <Button disabled={!headers.trim()} loading={check.isPending} onClick={() => check.run()}>
          {t("campaigns.check.run")}
        </Button>
        {found && <Findings found={found} />}
      </Stack>
    </Modal>
  );
}

function Findings({ found }: { found: SenderCheck }) {
  return (
    <>
      <Alert color={found.ready ? "teal" : "red"} role="status">
        {t(found.ready ? "campaigns.check.ready" : "campaigns.check.notReady")}
        {found.judgedBy && ` ${t("campaigns.check.judgedBy", { server: found.judgedBy })}`}
      </Alert>
      <List spacing="sm" listStyleType="none" aria-label={t("campaigns.check.findings")}>
        {found.findings.map(({ check, verdict, message }) => {
          const { icon: Icon, color } = SIGNS[verdict];
          return (
            <List.Item
              key={check}
              icon={
                <ThemeIcon color={color} size={24} radius="xl">
                  <Icon size={14} aria-label={t(`campaigns.check.verdict.${verdict}`)} role="img" />
                </ThemeIcon>
              }
            >
              <Text fw={600}>{wordsFor(`campaigns.check.of.${check}`) ?? check}</Text>
              <Text size="sm" lang={language() === "en" ? undefined : "en"}>
                {message}
              </Text>
            </List.Item>
          );
        })}
      </List>
    </>
  );
}
