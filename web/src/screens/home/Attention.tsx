import { Alert, List } from "@mantine/core";
import { Link } from "react-router";
import { useWaiting } from "../../api/home";
import { day, time } from "../../format";
import { useMay } from "../../session";
import { ErrorNotice } from "../../ui/PageParts";
import { t } from "../../words";
import { type Item, itemsOf } from "./attention";

/** What somebody should look at. */
export function Attention({ ready }: { ready: boolean }) {
  const waiting = useWaiting(useMay("admin"), ready);
  if (waiting.error && !waiting.data) {
    return <ErrorNotice error={waiting.error} retry={waiting.refetch} />;
  }
  const items = waiting.data ? itemsOf(waiting.data, new Date()) : [];
  if (!items.length) return null;
  return (
    <Alert color="yellow" role="region" title={t("home.needsYou")}>
      <List spacing={4} className="plain" listStyleType="none">
        {items.map((item) => (
          <List.Item key={`${item.what} ${item.to} ${"at" in item ? item.at : ""}`}>
            <Link to={item.to}>{inWords(item)}</Link>
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function inWords(item: Item): string {
  switch (item.what) {
    case "problems":
      return t("home.needs.problems", { count: item.count });
    case "jobs":
      return t("home.needs.jobs", { count: item.count });
    case "rules":
      return t("home.needs.rules", { count: item.count });
    case "request":
    case "overdue":
      return t(`home.needs.${item.what}.${item.kind}`, { day: day(item.at) });
    case "scheduled":
      return t("home.needs.scheduled", { name: item.name, time: time(item.at) });
    default:
      return t(`home.needs.${item.what}`, { name: item.name });
  }
}
