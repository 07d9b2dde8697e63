import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { refusalOf } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { ask, type Rule, type RuleRequest } from "../../api/rules";
import { useBackend } from "../../backend";
import { notifyWarnings } from "../../ui/notify";
import type { Waiting } from "./ActDialog";

interface Saving {
  request: RuleRequest;
  waiting?: Waiting | null;
  /** Save over this revision, whatever was read. */
  over?: number;
}

/** The reason of a refusal: somebody else has saved meanwhile. */
export const LATE = "changed-meanwhile";

/** Saving a rule: over what somebody else saved meanwhile only if that is what is wanted. */
export function useSaving(
  rule: Rule | null,
  then: { saved: (rule: Rule) => void; refused: (reason: string | null) => void },
) {
  const backend = useBackend();
  const queries = useQueryClient();
  const [base, setBase] = useState(rule?.revision ?? null);
  const deed = useDeed({
    work: ({ request, waiting, over }: Saving) =>
      ask(backend, "save_rule", {
        ...request,
        waiting: waiting ?? null,
        ruleId: rule?.ruleId ?? null,
        revision: over ?? base,
      }),
    onSuccess: (answer) => {
      setBase(answer.rule.revision);
      notifyWarnings(answer.warnings.filter(({ name }) => name !== "this_event"));
      queries.setQueryData<Rule[]>(["rules"], (known) => {
        const before = known?.find((one) => one.ruleId === answer.rule.ruleId);
        const now = { ...answer.rule, acted: before?.acted ?? 0 };
        if (!before) return [...(known ?? []), now];
        return known?.map((one) => (one === before ? now : one));
      });
      then.saved(answer.rule);
    },
    onError: (error) => {
      const { reason } = refusalOf(error);
      // What is there now is shown beside what was written.
      if (reason === LATE) queries.invalidateQueries({ queryKey: ["rules"], exact: true });
      then.refused(reason);
    },
  });
  const refused = deed.error ? refusalOf(deed.error) : null;
  const late = refused?.reason === LATE;
  const other = rule && base !== null && rule.revision > base ? rule.revision : null;
  const told = late ? Number(refused.details.revision) : null;
  return {
    ...deed,
    refused,
    /** The revision that somebody else has saved meanwhile. */
    other: deed.isPending ? null : (other ?? told),
  };
}
