import { TagsInput, Text } from "@mantine/core";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { tagId, useTagLabels } from "../../api/queries";
import type { Customer } from "../../api/types";
import { useBackend } from "../../backend";
import { useMay } from "../../session";
import { Card } from "../../ui/Card";
import { TagList } from "../../ui/CustomerCells";
import { notifyError } from "../../ui/notify";
import { t } from "../../words";
import "./tags.css";

/** A customer's tags; who may, edits them in place. */
export function TagsCard({ customer }: { customer: Customer }) {
  const backend = useBackend();
  const editor = useMay("editor");
  const labels = useTagLabels();
  const change = useDeed({
    work: (change: { add: string[]; remove: string[] }) =>
      call(backend, "tag_customers", {
        customerIds: [customer.customerId],
        ...change,
      }),
    onError: notifyError,
  });
  const shown = customer.tags.map((tag) => labels.get(tag) ?? tag);
  const edit = (next: string[]) => {
    const kept = new Set(next.map(tagId));
    const add = next.filter((label) => !customer.tags.includes(tagId(label)));
    const remove = customer.tags.filter((tag) => !kept.has(tag));
    if (add.length || remove.length) change.run({ add, remove });
  };
  return (
    <Card title={t("person.tags.title")}>
      {editor ? (
        <TagsInput
          className="person-tags"
          aria-label={t("person.tags.title")}
          placeholder={t("person.tags.add")}
          data={[...labels.values()]}
          value={shown}
          onChange={edit}
          disabled={change.isPending}
          description={t("person.tags.how")}
        />
      ) : customer.tags.length ? (
        <TagList tags={customer.tags} labels={labels} />
      ) : (
        <Text c="dimmed">{t("person.tags.none")}</Text>
      )}
    </Card>
  );
}
