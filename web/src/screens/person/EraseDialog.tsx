import { Alert, Button, Checkbox, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Trans } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { call, refusalOf } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import type { Customer, Erasure } from "../../api/types";
import { ErasureReport } from "../../audit/ErasureReport";
import { useBackend } from "../../backend";
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
        <Stack>
          <Text role="status">
            {report.status === "done" ? t("person.erase.erased") : t("person.erase.goesOn")}
          </Text>
          <ErasureReport erasureId={report.erasureId} report={report.report} />
          <Text size="sm">
            <Trans
              i18nKey="person.erase.again"
              components={{ privacy: <Link to="/privacy?tab=requests" /> }}
            />
          </Text>
        </Stack>
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
