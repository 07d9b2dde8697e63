import { Alert, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Imported } from "../../api/imports";
import { Card } from "../../ui/Card";
import { t } from "../../words";
import { ImportForm } from "./ImportForm";
import { ImportList } from "./ImportList";
import { type List, ListInput } from "./ListInput";
import { Report } from "./Report";

/** Taking a list of contacts in, and what was taken in. */
export function Importing() {
  const queries = useQueryClient();
  const [list, setList] = useState<List | null>(null);
  const [done, setDone] = useState<Imported | null>(null);
  return (
    <Stack>
      <Card title={t("forms.import.title")}>
        <Text size="sm">{t("forms.import.how")}</Text>
        {done && (
          <Alert color="teal" role="status" title={t("forms.import.begun")}>
            {done.jobId ? t("forms.import.goesOn") : <Report report={done.report} />}
          </Alert>
        )}
        <ListInput
          list={list}
          chosen={(next) => {
            setList(next);
            if (next) setDone(null);
          }}
        />
      </Card>
      {list && (
        <ImportForm
          key={list.number}
          list={list}
          done={(answer) => {
            setDone(answer);
            setList(null);
            queries.invalidateQueries({ queryKey: ["imports"] });
          }}
        />
      )}
      <ImportList />
    </Stack>
  );
}
