import { useState } from "react";
import { Link, useParams } from "react-router";
import { useRules } from "../../api/rules";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { Editor } from "./Editor";

const NEW = "new";

/** One rule, or a new one. */
export default function RulePage() {
  const { ruleId = NEW } = useParams();
  const rules = useRules();
  const [loaded, setLoaded] = useState(0);
  const known = rules.data ?? [];
  if (ruleId === NEW) {
    return <Editor key={NEW} rule={null} rules={known} reload={() => {}} />;
  }
  if (rules.error && !rules.data) return <ErrorNotice error={rules.error} retry={rules.refetch} />;
  if (!rules.data) return <LoadingRows />;
  const rule = rules.data.find((one) => one.ruleId === ruleId);
  if (!rule) {
    return (
      <>
        <PageHead title={t("rules.rule")} />
        <EmptyNotice title={t("rules.missing")}>
          <Link to="/rules">{t("rules.all")}</Link>
        </EmptyNotice>
      </>
    );
  }
  return (
    <Editor
      key={`${ruleId} ${loaded}`}
      rule={rule}
      rules={known}
      reload={() => setLoaded(loaded + 1)}
    />
  );
}
