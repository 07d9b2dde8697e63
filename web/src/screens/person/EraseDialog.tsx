import {
  Alert,
  Button,
  Checkbox,
  Group,
  Modal,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Trans } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { call, refusalOf } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import type { Customer, Erasure, ReportRow } from "../../api/types";
import { useBackend } from "../../backend";
import { day, number } from "../../format";
import { Confirm } from "../../ui/Confirm";
import { mailAddressOf, nameOf } from "../../ui/CustomerCells";
import { ErrorNotice } from "../../ui/PageParts";
import { usePassword } from "../../ui/password";
import { t } from "../../words";

const POLL = 1_000;

/** The erasure of a person, after a word was typed, and then its report. The page's document goes
 * meanwhile, so the dialog stands beside the page. */
export function EraseDialog({ customer, close }: { customer: Customer; close: () => void }) {
  const backend = useBackend();
  const queries = useQueryClient();
  const go = useNavigate();
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const [force, setForce] = useState(false);
  const [report, setReport] = useState<Erasure | null>(null);
  const left = useRef(false);
  const { field, ready, prove } = usePassword();
  const word = mailAddressOf(customer) ?? t("person.erase.word");
  const erase = useDeed({
    work: async (_, signal) => {
      await prove();
      signal.throwIfAborted();
      const data = { customerId: customer.customerId, reason: reason.trim(), force };
      let answer = await call(backend, "delete_customer", data);
      setReport(answer);
      while (answer.status === "running") {
        await new Promise((resolve) => setTimeout(resolve, POLL));
        signal.throwIfAborted();
        if (left.current) return; // it goes on by itself
        answer = await call(backend, "delete_customer", data);
        setReport(answer);
      }
    },
    onSettled: () => {
      for (const key of ["customers", "count"]) queries.invalidateQueries({ queryKey: [key] });
    },
  });
  const held = erase.error ? refusalOf(erase.error).reason === "held" : false;
  if (report) {
    const leave = () => {
      left.current = true;
      close();
      go("/people");
    };
    return (
      <Modal
        opened
        onClose={leave}
        title={t("person.erase.report")}
        size="lg"
        closeButtonProps={{ "aria-label": t("shared.close") }}
      >
        <Report erasure={report} />
        {erase.error && <ErrorNotice error={erase.error} retry={() => erase.run()} />}
        <Group justify="flex-end" mt="md">
          <Button onClick={leave}>{t("person.erase.toThePeople")}</Button>
        </Group>
      </Modal>
    );
  }
  return (
    <Confirm
      title={t("person.erase.title", { name: nameOf(customer) })}
      action={t("person.erase.do")}
      danger
      pending={erase.isPending}
      error={erase.error}
      disabled={typed.trim() !== word || !reason.trim() || !ready}
      close={close}
      confirm={() => erase.run()}
    >
      <Alert color="red">{t("person.erase.forGood")}</Alert>
      <TextInput
        label={t("person.erase.why")}
        description={t("person.erase.whyHow")}
        placeholder={t("person.erase.whyExample")}
        required
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        label={t("person.erase.type", { word })}
        required
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {field}
      {(held || force) && (
        <Checkbox
          label={t("person.erase.force")}
          checked={force}
          onChange={(event) => setForce(event.currentTarget.checked)}
        />
      )}
    </Confirm>
  );
}

function Report({ erasure }: { erasure: Erasure }) {
  const { removed, retained, open } = erasure.report;
  const kept = (row: ReportRow) =>
    [row.basis, row.until ? t("person.erase.until", { day: day(row.until) }) : null]
      .filter(Boolean)
      .join(", ");
  return (
    <Stack>
      <Text role="status">
        {erasure.status === "done" ? t("person.erase.erased") : t("person.erase.goesOn")}
      </Text>
      <Part title={t("person.erase.removed")} rows={removed.map((row) => ({ ...row, more: "" }))} />
      <Part
        title={t("person.erase.kept")}
        rows={retained.map((row) => ({ ...row, more: kept(row) }))}
      />
      <Part title={t("person.erase.left")} rows={open.map((row) => ({ ...row, more: "" }))} />
      <Text size="sm" c="dimmed">
        {t("person.erase.number", { erasureId: erasure.erasureId })}
      </Text>
      <Text size="sm" className="not-printed">
        <Trans
          i18nKey="person.erase.again"
          components={{ privacy: <Link to="/privacy?tab=requests" /> }}
        />
      </Text>
    </Stack>
  );
}

function Part(props: {
  title: string;
  rows: { text: string; count: number | null; more: string }[];
}) {
  if (!props.rows.length) return null;
  return (
    <section>
      <Title order={3} size="h5">
        {props.title}
      </Title>
      {props.rows.map((row) => (
        <Text key={row.text} size="sm">
          {row.count !== null && `${number(row.count)} × `}
          {row.text}
          {row.more ? ` (${row.more})` : ""}
        </Text>
      ))}
    </section>
  );
}
