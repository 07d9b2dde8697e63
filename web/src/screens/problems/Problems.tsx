import { Stack, Text } from "@mantine/core";
import { useDocuments } from "../../api/live";
import type { QuarantineRow } from "../../api/types";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { grouped } from "./grouping";
import { ProblemGroup } from "./ProblemGroup";

const SHOWN = 200;

/** The orders and users that cannot be read, by reason, followed live. */
export default function Problems() {
  const rows = useDocuments<QuarantineRow>(
    { from: "crmQuarantine", orderBy: ["at", "desc"], limit: SHOWN },
    "id",
  );
  return (
    <>
      <PageHead title={t("problems.title")} />
      <Text mb="md">{t("problems.what")}</Text>
      {rows.error && <ErrorNotice error={rows.error} />}
      {!rows.data && !rows.error && <LoadingRows />}
      {rows.data?.length === 0 && <EmptyNotice title={t("problems.none")} />}
      {rows.data?.length === SHOWN && <Text mb="md">{t("problems.latest", { count: SHOWN })}</Text>}
      <Stack>
        {grouped(rows.data ?? []).map((group) => (
          <ProblemGroup key={`${group.kind} ${group.reason}`} group={group} />
        ))}
      </Stack>
    </>
  );
}
