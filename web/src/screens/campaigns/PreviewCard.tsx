import { Button, Group, Loader, SegmentedControl, Select, Switch, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/calls";
import type { Preview } from "../../api/campaigns";
import { useBackend } from "../../backend";
import { Card } from "../../ui/Card";
import { mailAddressOf, nameOf } from "../../ui/CustomerCells";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";
import { framed } from "./document";

type Width = "phone" | "wide" | "text";

/** A mail as somebody gets it: on a phone, in the dark, as text alone. */
export function PreviewCard(props: {
  preview: UseQueryResult<Preview>;
  person: string | null;
  setPerson: (customerId: string | null) => void;
  /** Asks for it again; null where it follows by itself. */
  refresh: (() => void) | null;
}) {
  const { preview } = props;
  const [width, setWidth] = useState<Width>("wide");
  const [dark, setDark] = useState(false);
  const mail = preview.data;
  return (
    <Card
      title={t("campaigns.preview.title")}
      action={
        preview.isFetching && (
          <Loader size="xs" role="img" aria-label={t("campaigns.preview.loading")} />
        )
      }
    >
      <PersonPicker person={props.person} choose={props.setPerson} />
      <Group>
        <SegmentedControl
          aria-label={t("campaigns.preview.width")}
          value={width}
          onChange={(next) => setWidth(next as Width)}
          data={(["wide", "phone", "text"] as const).map((value) => ({
            value,
            label: t(`campaigns.preview.${value}`),
          }))}
        />
        <Switch
          label={t("campaigns.preview.dark")}
          checked={dark}
          onChange={(event) => setDark(event.currentTarget.checked)}
        />
        {props.refresh && (
          <Button size="compact-sm" variant="default" onClick={props.refresh}>
            {t("campaigns.preview.refresh")}
          </Button>
        )}
      </Group>
      {preview.error && <ErrorNotice error={preview.error} retry={preview.refetch} />}
      {!mail && !preview.error && <LoadingRows count={4} />}
      {mail && (
        <>
          <Text style={{ overflowWrap: "anywhere" }} data-testid="preview-subject">
            <strong>{mail.subject || t("campaigns.noSubject")}</strong>
          </Text>
          {!mail.customerId && (
            <Text size="sm" c="dimmed">
              {t("campaigns.preview.example")}
            </Text>
          )}
          {width === "text" ? (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keys
            <pre className="mail-text" tabIndex={0} data-testid="preview-text">
              {mail.text}
            </pre>
          ) : (
            <iframe
              title={t("campaigns.preview.frame")}
              className={`mail-frame ${width}`}
              sandbox=""
              srcDoc={framed(mail.html, dark)}
            />
          )}
          <Text size="sm" c="dimmed">
            {t("campaigns.preview.pictures")}
          </Text>
        </>
      )}
    </Card>
  );
}

/** Whose mail is shown: the first one's, or of somebody who is looked for. */
function PersonPicker(props: {
  person: string | null;
  choose: (customerId: string | null) => void;
}) {
  const backend = useBackend();
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState<{ value: string; label: string } | null>(null);
  const [q] = useDebouncedValue(typed === chosen?.label ? "" : typed.trim(), 200);
  const found = useQuery({
    queryKey: ["customers", "search", q],
    queryFn: () => call(backend, "search_customers", { q, pageSize: 10 }),
    enabled: q.length >= 2,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const people = (q.length >= 2 && found.data?.customers) || [];
  const data = people.map((one) => {
    const address = mailAddressOf(one);
    const label = one.name && address ? `${one.name} · ${address}` : nameOf(one);
    return { value: one.customerId, label };
  });
  if (chosen && !data.some((one) => one.value === chosen.value)) data.unshift(chosen);
  return (
    <Select
      label={t("campaigns.preview.as")}
      placeholder={t("campaigns.preview.first")}
      searchable
      clearable
      clearButtonProps={{ "aria-label": t("campaigns.preview.clear") }}
      filter={({ options }) => options} // the server has found them
      data={data}
      value={props.person}
      searchValue={typed}
      onSearchChange={setTyped}
      onChange={(value) => {
        setChosen(data.find((one) => one.value === value) ?? null);
        props.choose(value);
      }}
      nothingFoundMessage={
        q.length < 2
          ? t("campaigns.preview.type")
          : found.isFetching
            ? t("campaigns.preview.searching")
            : t("campaigns.preview.nobody")
      }
    />
  );
}
