import { Progress, Stack, Text, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { call } from "../api/calls";
import { useDeed } from "../api/deeds";
import type { Customer } from "../api/types";
import { useBackend } from "../backend";
import { Confirm } from "../ui/Confirm";
import { notifyDone } from "../ui/notify";
import { t } from "../words";

/** Unsubscribe people who said so, one after the other, each with the proof. Where it breaks off, trying again
 * goes on with the others. */
export function Unsubscribe(props: { people: Customer[] | null; close: () => void }) {
  const backend = useBackend();
  const queries = useQueryClient();
  const [evidence, setEvidence] = useState("");
  const [done, setDone] = useState(0);
  const over = useRef(new Set<string>());
  const people = props.people ?? [];
  const left = people.filter((one) => one.marketing.status !== "unsubscribed");
  const already = people.length - left.length;
  const leave = () => {
    setEvidence("");
    setDone(0);
    over.current = new Set();
    props.close();
  };
  const work = useDeed({
    work: async (_: undefined, signal) => {
      for (const { customerId } of left.filter((one) => !over.current.has(one.customerId))) {
        signal.throwIfAborted();
        await call(backend, "set_consent", {
          customerId,
          status: "unsubscribed",
          evidence: evidence.trim(),
        });
        over.current.add(customerId);
        setDone(over.current.size);
      }
    },
    onSuccess: () => {
      notifyDone(t("people.unsubscribing.done", { count: left.length }));
      leave();
    },
    onSettled: () => {
      for (const key of ["customers", "count"]) queries.invalidateQueries({ queryKey: [key] });
    },
  });
  return (
    <Confirm
      opened={props.people !== null}
      title={t("people.unsubscribing.title", { count: left.length })}
      action={t("people.unsubscribing.action")}
      pending={work.isPending}
      error={work.error}
      disabled={!evidence.trim() || !left.length}
      close={() => {
        work.reset();
        leave();
      }}
      confirm={() => work.run(undefined)}
    >
      <Text size="sm">{t("people.unsubscribing.hint")}</Text>
      {already > 0 && (
        <Text size="sm">{t("people.unsubscribing.already", { count: already })}</Text>
      )}
      <Textarea
        label={t("people.unsubscribing.evidence")}
        description={t("people.unsubscribing.evidenceHint")}
        required
        maxLength={1000}
        minRows={3}
        autosize
        value={evidence}
        onChange={(event) => setEvidence(event.currentTarget.value)}
        data-autofocus
      />
      {done > 0 && (
        <Stack gap={4}>
          <Progress
            value={(100 * done) / Math.max(1, left.length)}
            aria-label={t("people.unsubscribing.action")}
          />
          <Text size="sm" role="status" className="figures">
            {t("people.unsubscribing.progress", { done, all: left.length })}
          </Text>
        </Stack>
      )}
    </Confirm>
  );
}
