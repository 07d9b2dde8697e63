import { Radio, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ask, type Rule, type RuleRequest } from "../../api/rules";
import { useBackend } from "../../backend";
import { Confirm } from "../../ui/Confirm";
import { ErrorNotice, LoadingRows } from "../../ui/PageParts";
import { t } from "../../words";
import { KINDS } from "./draft";
import { Findings } from "./Findings";

export type Waiting = "act" | "drop";

/** Ask what a rule would do. A saved one is asked about by its id: on whom it has acted is known then. */
export function usePreview(asked: { request: RuleRequest; ruleId: string | null } | null) {
  const backend = useBackend();
  const [opened] = useState(() => Date.now());
  return useQuery({
    queryKey: ["rules", "preview", asked, opened],
    queryFn: () => {
      const { ruleId, request } = asked ?? {};
      return ask(backend, "preview_rule", ruleId ? { ruleId } : { ...request });
    },
    enabled: asked !== null,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
}

/** The last question before a rule acts: what it would do, and what becomes of who waits for it. */
export function ActDialog(props: {
  /** As it is saved; null for one that is not. */
  rule: Rule | null;
  request: RuleRequest;
  /** Whether what is saved is what would act. */
  asSaved: boolean;
  /** Whether those who wait can be acted on: only by a rule that asks and does what it did. */
  same: boolean;
  first?: Waiting;
  pending: boolean;
  error: unknown;
  close: () => void;
  confirm: (waiting: Waiting | null) => void;
}) {
  const { rule, request } = props;
  const [asked] = useState({ request, ruleId: props.asSaved && rule ? rule.ruleId : null });
  const preview = usePreview(asked);
  const waits = rule?.paused ? (rule.waiting ?? 0) : 0;
  const [chosen, setChosen] = useState<Waiting>(props.same ? (props.first ?? "act") : "drop");
  const kind = KINDS.find((one) => one in request.when) ?? "enters";
  const stopped = preview.data?.problems.some((one) => one.blocking);
  const turning = !rule?.on;
  return (
    <Confirm
      title={t(turning ? "rules.act.titleOn" : "rules.act.titleSave", { name: request.name })}
      action={t(turning ? "rules.act.on" : "rules.act.save")}
      pending={props.pending}
      error={props.error}
      close={props.close}
      confirm={() => props.confirm(rule?.paused ? chosen : null)}
      disabled={!preview.data || stopped}
      size="lg"
    >
      {preview.error && <ErrorNotice error={preview.error} retry={preview.refetch} />}
      {!preview.data && !preview.error && <LoadingRows count={3} />}
      {preview.data && <Findings preview={preview.data} kind={kind} />}
      {turning && <Text size="sm">{t("rules.act.soon")}</Text>}
      {!turning && !rule?.paused && !props.same && <Text size="sm">{t("rules.act.anew")}</Text>}
      {waits > 0 && (
        <Radio.Group
          label={t("rules.act.waiting", { count: waits })}
          value={chosen}
          onChange={(next) => setChosen(next as Waiting)}
        >
          <Stack gap="xs" mt="xs">
            <Radio
              value="act"
              disabled={!props.same}
              label={t("rules.act.act", { count: waits })}
            />
            <Radio value="drop" label={t("rules.act.drop", { count: waits })} />
          </Stack>
          {!props.same && (
            <Text size="sm" mt="xs">
              {t("rules.act.onlyDrop")}
            </Text>
          )}
        </Radio.Group>
      )}
    </Confirm>
  );
}
