import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { useBackend } from "../../backend";
import { number } from "../../format";
import { useMay } from "../../session";
import { Card } from "../../ui/Card";
import { notifyDone, notifyError, notifyVain } from "../../ui/notify";
import { t, wordsFor } from "../../words";
import { type Group as Problem, parts } from "./grouping";
import { ProblemRow } from "./ProblemRow";

/** So many of a reason are shown at first, each with what is wrong; more when they are asked for. */
const FIRST = 5;

/** Documents that cannot be read for one reason: how many, what to do, and trying all of them again. */
export function ProblemGroup({ group }: { group: Problem }) {
  const { kind, reason, rows } = group;
  const backend = useBackend();
  const editor = useMay("editor");
  const [shown, setShown] = useState(FIRST);
  const [done, setDone] = useState(0);
  const again = useDeed({
    work: async (ids: string[], signal) => {
      setDone(0);
      let resolved = 0;
      for (const part of parts(ids)) {
        signal.throwIfAborted();
        const answers = await Promise.all(
          part.map((id) => call(backend, "retry_quarantine", { id })),
        );
        resolved += answers.filter((answer) => answer.resolved).length;
        setDone((before) => before + part.length);
      }
      return { resolved, left: ids.length - resolved };
    },
    onSuccess: ({ resolved, left }) => {
      if (resolved) notifyDone(t("problems.resolved", { count: resolved }));
      if (left) notifyVain(t("problems.left", { count: left }));
    },
    onError: notifyError,
  });
  const title =
    kind === "orders"
      ? t("problems.orders", { count: rows.length })
      : t("problems.users", { count: rows.length });
  return (
    <Card
      title={`${title}: ${wordsFor(`problems.reason.${reason}`) ?? reason}`}
      action={
        editor &&
        rows.length > 1 && (
          <Group gap="xs">
            {again.isPending && (
              <Text size="sm" role="status">
                {t("problems.checked", { done: number(done), count: rows.length })}
              </Text>
            )}
            <Button
              size="compact-md"
              variant="default"
              loading={again.isPending}
              onClick={() => again.run(rows.map(({ id }) => id))}
            >
              {t("problems.checkAll", { count: rows.length })}
            </Button>
          </Group>
        )
      }
    >
      <Text size="sm">{wordsFor(`problems.todo.${reason}`)}</Text>
      <Stack gap="xs" component="ul" m={0} p={0} className="plain" aria-label={title}>
        {rows.slice(0, shown).map((row) => (
          <ProblemRow key={row.id} row={row} kind={kind} />
        ))}
      </Stack>
      {rows.length > shown && (
        <Group>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => setShown((before) => before + 20)}
          >
            {t("problems.more", { count: Math.min(20, rows.length - shown) })}
          </Button>
        </Group>
      )}
    </Card>
  );
}
