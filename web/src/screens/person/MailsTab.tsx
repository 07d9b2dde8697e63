import { Badge, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { type SentMail, useRows } from "../../api/person";
import type { Customer } from "../../api/types";
import { time } from "../../format";
import { EmptyNotice, ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t, wordsFor } from "../../words";
import { mailStateInWords } from "./statuses";

/** What campaigns sent to somebody, the newest first. */
export function MailsTab({ customer, version }: { customer: Customer; version: number }) {
  const mails = useRows("list_mails", customer.customerId, version);
  if (mails.error) return <ErrorNotice error={mails.error} retry={mails.retry} />;
  if (!mails.rows) return <LoadingRows />;
  if (!mails.rows.length) return <EmptyNotice title={t("person.mails.none")} />;
  return (
    <Stack gap="sm">
      <Stack
        gap="xs"
        component="ul"
        m={0}
        p={0}
        className="plain"
        aria-label={t("person.mails.title")}
      >
        {mails.rows.map((mail) => (
          <Paper component="li" withBorder p="sm" key={`${mail.campaignId} ${mail.at}`}>
            <Stack gap={4}>
              <Group justify="space-between" gap="xs">
                <MailLink mail={mail} />
                <Badge variant="default" tt="none" miw="max-content">
                  {mailStateInWords(mail.state)}
                </Badge>
              </Group>
              <Text size="sm" c="dimmed">
                {time(mail.at)}
              </Text>
              <WhatCameBack mail={mail} />
            </Stack>
          </Paper>
        ))}
      </Stack>
      {mails.more && (
        <Group>
          <Button variant="default" loading={mails.fetching} onClick={mails.fetchMore}>
            {t("person.mails.earlier")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

/** The subject of a mail, with a link to its campaign. */
export function MailLink({ mail }: { mail: SentMail }) {
  return (
    <Link className="link" to={`/campaigns/${mail.campaignId}`}>
      {mail.subject ?? t("person.mails.noSubject")}
    </Link>
  );
}

/** Why a mail was not sent, and what is known of it since. */
export function WhatCameBack({ mail }: { mail: SentMail }) {
  const lines = [
    mail.reason && mail.state !== "accepted"
      ? (wordsFor(`person.mails.reason.${mail.reason}`) ?? mail.reason)
      : null,
    mail.bounced && t("person.mails.bounced", { at: time(mail.bounced) }),
    mail.softBounced && t("person.mails.softBounced", { at: time(mail.softBounced) }),
    mail.complained && t("person.mails.complained", { at: time(mail.complained) }),
    mail.unsubscribed && t("person.mails.unsubscribed", { at: time(mail.unsubscribed) }),
  ].filter((line): line is string => !!line);
  return lines.map((line) => (
    <Text size="sm" key={line}>
      {line}
    </Text>
  ));
}
