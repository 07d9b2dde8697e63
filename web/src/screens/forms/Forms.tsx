import { Tabs } from "@mantine/core";
import { useSearchParams } from "react-router";
import { useMay } from "../../session";
import { PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { FormList } from "./FormList";
import { Importing } from "./Importing";

/** Where contacts come in: the forms for news, and lists, which admins take in. */
export default function Forms() {
  const admin = useMay("admin");
  const [params, setParams] = useSearchParams();
  const tab = admin && params.get("tab") === "import" ? "import" : "forms";
  return (
    <>
      <PageHead title={t("forms.title")} />
      {!admin && <FormList />}
      {admin && (
        <Tabs
          value={tab}
          onChange={(next) => setParams(next === "import" ? { tab: next } : {}, { replace: true })}
          keepMounted={false}
        >
          <Tabs.List mb="md" aria-label={t("forms.title")}>
            <Tabs.Tab value="forms">{t("forms.tabs.forms")}</Tabs.Tab>
            <Tabs.Tab value="import">{t("forms.tabs.import")}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="forms">
            <FormList />
          </Tabs.Panel>
          <Tabs.Panel value="import">
            <Importing />
          </Tabs.Panel>
        </Tabs>
      )}
    </>
  );
}
