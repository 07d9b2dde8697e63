import type { ReactNode } from "react";
import { Link } from "react-router";
import type { OwnField } from "../../api/ownFields";
import type { AuditEntry } from "../../api/types";
import { tagsInWords } from "../../audit/tags";
import { t, wordsFor } from "../../words";

/** What the names in an entry stand for. */
export interface Known {
  customerId: string;
  labels: Map<string, string>;
  fields: OwnField[];
}

/** What else an entry says of what was done, in words; null where that is all. */
export function detailsOf(entry: AuditEntry, known: Known): ReactNode {
  const { action, facts } = entry;
  if (action === "customer.tag") return tagsInWords(facts, known.labels);
  if (action === "customer.fields") return fieldsInWords(String(facts.fields ?? ""), known.fields);
  if (action === "customer.merge" || action === "customer.unmerge") {
    const other = entry.customers?.find((id) => id !== known.customerId);
    return other ? <Link to={`/people/${other}`}>{t("person.activity.theOther")}</Link> : null;
  }
  if (action === "address.reachable") {
    return wordsFor(`person.consent.reach.${String(facts.evidence)}`);
  }
  return null;
}

function fieldsInWords(names: string, fields: OwnField[]): string {
  const labels = new Map(fields.map(({ name, label }) => [name, label]));
  return names
    .split(" ")
    .map((name) => labels.get(name) ?? name)
    .join(", ");
}
