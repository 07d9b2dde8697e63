import {
  Alert,
  Button,
  CopyButton,
  Group,
  List,
  NativeSelect,
  Stack,
  Text,
  Textarea,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { call } from "../../api/calls";
import type { SignUpForm } from "../../api/imports";
import { tagId, useTags } from "../../api/queries";
import type { Tag } from "../../api/types";
import { useBackend } from "../../backend";
import { Card } from "../../ui/Card";
import { EmptyNotice, ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { nameOfLanguage, t } from "../../words";
import { isSpoken, pageOf, snippetOf } from "./snippet";

/** The forms for news that crm.toml declares, with what a website needs to have them. */
export function FormList() {
  const backend = useBackend();
  const settings = useQuery({
    queryKey: ["settings"],
    queryFn: () => call(backend, "get_settings"),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const tags = useTags().data;
  if (settings.error) return <ErrorNotice error={settings.error} retry={settings.refetch} />;
  if (!settings.data) return <LoadingRows />;
  const { forms, mail } = settings.data.settings;
  return (
    <Stack>
      {!mail.ready && (
        <Alert color="yellow" role="alert" title={t("forms.noMail")}>
          {t("forms.noMailText")}
        </Alert>
      )}
      {!forms.length && <EmptyNotice title={t("forms.none")}>{t("forms.noneHint")}</EmptyNotice>}
      {forms.map((one) => (
        <FormCard key={one.name} form={one} tags={tags} />
      ))}
    </Stack>
  );
}

function FormCard({ form, tags }: { form: SignUpForm; tags: Tag[] | undefined }) {
  const [language, setLanguage] = useState(form.languages[0] ?? "en");
  const page = pageOf(form.url, language);
  const snippet = snippetOf({ url: form.url, language, text: form.text[language] ?? "" });
  return (
    <Card title={form.name}>
      {form.languages.length > 1 && (
        <NativeSelect
          label={t("forms.language")}
          maw={320}
          value={language}
          onChange={(event) => setLanguage(event.currentTarget.value)}
          data={form.languages.map((one) => ({ value: one, label: nameOfLanguage(one) }))}
        />
      )}
      <div>
        <Text size="sm" c="dimmed">
          {t("forms.text")}
        </Text>
        <Text lang={language}>{form.text[language]}</Text>
      </div>
      <Given form={form} tags={tags} />
      <div>
        <Text size="sm" c="dimmed">
          {t("forms.page")}
        </Text>
        <Group gap="xs">
          <a href={page} target="_blank" rel="noreferrer" style={{ overflowWrap: "anywhere" }}>
            {page}
          </a>
          <Copy text={page} label={t("forms.copyPage")} />
        </Group>
      </div>
      <Stack gap="xs" align="flex-start">
        <Textarea
          w="100%"
          readOnly
          rows={6}
          label={t("forms.snippet")}
          description={t("forms.snippetHint")}
          value={snippet}
          styles={{ input: { fontFamily: "ui-monospace, monospace" } }}
        />
        {!isSpoken(language) && <Text size="sm">{t("forms.snippetEnglish")}</Text>}
        <Copy text={snippet} label={t("forms.copySnippet")} />
      </Stack>
    </Card>
  );
}

/** The tags that a form gives, with how many people have them by now. */
function Given({ form, tags }: { form: SignUpForm; tags: Tag[] | undefined }) {
  if (!form.tags.length) return <Text size="sm">{t("forms.noTags")}</Text>;
  return (
    <div>
      <Text size="sm" c="dimmed">
        {t("forms.tags")}
      </Text>
      <List listStyleType="none" aria-label={t("forms.tags")}>
        {form.tags.map((label) => {
          const tag = tagId(label);
          const count = tags && (tags.find((one) => one.tag === tag)?.customers ?? 0);
          return (
            <List.Item key={tag}>
              <Link to={`/people?${new URLSearchParams({ segment: `tag:${tag}` })}`}>{label}</Link>
              {count !== undefined && ` · ${t("forms.have", { count })}`}
            </List.Item>
          );
        })}
      </List>
      <Text size="sm" c="dimmed">
        {t("forms.countHint")}
      </Text>
    </div>
  );
}

function Copy({ text, label }: { text: string; label: string }) {
  return (
    <CopyButton value={text} timeout={3000}>
      {({ copied, copy }) => (
        <Button size="compact-sm" variant="default" onClick={copy}>
          <span aria-live="polite">{copied ? t("forms.copied") : label}</span>
        </Button>
      )}
    </CopyButton>
  );
}
