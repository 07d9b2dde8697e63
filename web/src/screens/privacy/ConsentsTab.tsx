import { Stack, Text } from "@mantine/core";
import { useSearchParams } from "react-router";
import { PersonSearch } from "../../audit/PersonSearch";
import { t } from "../../words";

/** The way to somebody's proof of consent. */
export function ConsentsTab() {
  const [asked, ask] = useSearchParams();
  const keep = (q: string) => ask({ tab: "consents", ...(q ? { q } : {}) }, { replace: true });
  return (
    <Stack>
      <Text>{t("privacy.consentsHint")}</Text>
      <PersonSearch
        label={t("privacy.consentsWhose")}
        kept={asked.get("q") ?? ""}
        keep={keep}
        to={(customerId) => `/people/${customerId}?tab=consent`}
      />
    </Stack>
  );
}
