import type { OwnField } from "../api/ownFields";
import { t } from "../words";
import { kindOf, type Row, verbOf } from "./builder";

/** The first words of a row, by what they are about; each kind of condition as it is and turned around. */
const FAMILIES = {
  events: ["attended", "hasTicket", "noShow"],
  tags: ["tag", "tagged"],
  orders: ["totalSpend", "orderCount", "lastOrderAt", "firstOrderAt"],
  contact: ["marketing", "registered", "emailDomain"],
  others: ["segment"],
} as const;

type Kind = (typeof FAMILIES)[keyof typeof FAMILIES][number];

const KINDS: readonly string[] = Object.values(FAMILIES).flat();
const isKind = (kind: string): kind is Kind => KINDS.includes(kind);

/** How a row begins in words: `attended`, or `did not attend`. */
function saidOf(kind: Kind, not: boolean): string {
  if (!not) return t(`segments.verbs.${kind}`);
  return t(
    `segments.verbs.not${(kind[0] ?? "").toUpperCase()}${kind.slice(1)}` as "segments.verbs.notTag",
  );
}

/** What stands for a verb in a list of choices. Of an own field it is its name, which has no `!`. */
export const choiceOf = (row: Row): string => {
  const { kind, not } = verbOf(row);
  if (kind === "field") return `field:${row.leaf.field}`;
  return not ? `!${kind}` : kind;
};

/** A choice, read again. */
export function chosenVerb(choice: string): { kind: string; not: boolean; field: string | null } {
  if (choice.startsWith("field:")) return { kind: "field", not: false, field: choice.slice(6) };
  const not = choice.startsWith("!");
  return { kind: not ? choice.slice(1) : choice, not, field: null };
}

/** What a row is called: its first words. */
export function labelOf(row: Row, fields: OwnField[]): string {
  const { kind, not } = verbOf(row);
  if (kind === "field") {
    return fields.find((one) => one.name === row.leaf.field)?.label ?? String(row.leaf.field);
  }
  return isKind(kind) ? saidOf(kind, not) : kindOf(row.leaf);
}

/** Everything that a row can begin with, in groups. */
export function verbs(
  fields: OwnField[],
): { group: string; items: { value: string; label: string }[] }[] {
  const groups = Object.entries(FAMILIES).map(([family, kinds]) => ({
    group: t(`segments.families.${family as keyof typeof FAMILIES}`),
    items: kinds.flatMap((kind) => [
      { value: kind as string, label: saidOf(kind, false) },
      { value: `!${kind}`, label: saidOf(kind, true) },
    ]),
  }));
  if (!fields.length) return groups;
  const own = fields.map(({ name, label }) => ({ value: `field:${name}`, label }));
  return [...groups, { group: t("segments.families.fields"), items: own }];
}
