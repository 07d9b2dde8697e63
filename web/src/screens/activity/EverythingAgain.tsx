import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { useBackend } from "../../backend";
import { Confirm } from "../../ui/Confirm";
import { notifyDone } from "../../ui/notify";
import { t } from "../../words";

const WORK = ["check", "recalculate"] as const;

type Work = (typeof WORK)[number];

/** What an admin can have done to everybody, and what is asked first. */
export function EverythingAgain() {
  const backend = useBackend();
  const [asked, setAsked] = useState<Work | null>(null);
  const rebuild = useDeed({
    work: (dryRun: boolean) => call(backend, "rebuild_customers", { dryRun }),
    onSuccess: () => {
      notifyDone(t("activity.begun"));
      setAsked(null);
    },
  });
  return (
    <>
      {WORK.map((work) => (
        <Button key={work} variant="default" onClick={() => setAsked(work)}>
          {t(`activity.${work}All`)}
        </Button>
      ))}
      {asked && (
        <Confirm
          title={t(`activity.${asked}Title`)}
          action={t(`activity.${asked}Do`)}
          pending={rebuild.isPending}
          error={rebuild.error}
          close={() => {
            rebuild.reset();
            setAsked(null);
          }}
          confirm={() => rebuild.run(asked === "check")}
        >
          <Text>{t(`activity.${asked}What`)}</Text>
        </Confirm>
      )}
    </>
  );
}
