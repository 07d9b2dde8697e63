import type { OwnField } from "../api/ownFields";
import { firstBound } from "./builder";

type Bounds = Record<string, unknown>;

/** How the value of an own field is compared: `!eq` is what is turned around, `known` asks for any value. */
export const SIGNS = ["eq", "!eq", "gt", "gte", "lt", "lte", "known", "unknown"] as const;
export type Sign = (typeof SIGNS)[number];

const ALL: Record<string, readonly Sign[]> = {
  text: ["eq", "!eq", "known", "unknown"],
  choice: ["eq", "!eq", "known", "unknown"],
  bool: ["eq", "known", "unknown"],
};

/** The comparisons that a type of field allows. */
export const signsOf = (type: OwnField["type"]): readonly Sign[] => ALL[type] ?? SIGNS;

/** What a new condition asks of a field. */
export function freshOf({ name, type, choices }: OwnField): Record<string, unknown> {
  const value = { text: "", bool: true, number: 1, date: "", choice: choices?.[0] ?? "" }[type];
  return { field: name, eq: value };
}

/** The bounds of a condition about an own field, without its name. */
export function boundsOf(leaf: Bounds): Bounds {
  const { field: _, ...bounds } = leaf;
  return bounds;
}

/** How a condition compares; null where it is more than the builder has a sign for. */
export function signOf(leaf: Bounds, not: boolean): Sign | null {
  const [[sign, value] = ["known", true]] = Object.entries(boundsOf(leaf));
  if (sign === "known") return (value === true) !== not ? "known" : "unknown";
  if (!not) return sign as Sign;
  return sign === "eq" ? "!eq" : null;
}

/** A condition with another sign; what it is compared with stays where it can. */
export function withSign(leaf: Bounds, sign: Sign, fresh: unknown): { not: boolean; leaf: Bounds } {
  const { field } = leaf;
  if (sign === "known" || sign === "unknown") {
    return { not: false, leaf: { field, known: sign === "known" } };
  }
  const bounds = boundsOf(leaf);
  const [[before, value] = ["known", true]] = Object.entries(bounds);
  const plain = sign === "!eq" ? "eq" : sign;
  const kept = before === "known" ? { [plain]: fresh } : firstBound(bounds, plain, value);
  return { not: sign === "!eq", leaf: { field, ...kept } };
}
