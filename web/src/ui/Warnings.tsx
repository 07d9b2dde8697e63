import { Alert, Text } from "@mantine/core";
import type { Warning } from "../api/types";
import { t } from "../words";

/** What an answer rests on and may not have been meant: a name that stands for nothing. */
export function Warnings({ warnings }: { warnings: Warning[] | undefined }) {
  if (!warnings?.length) return null;
  return (
    <Alert color="yellow" role="status" title={t("shared.pleaseCheck")}>
      {warnings.map(({ reason, name, message }) => (
        <Text key={`${reason} ${name}`} style={{ overflowWrap: "anywhere" }}>
          {message}
        </Text>
      ))}
    </Alert>
  );
}
