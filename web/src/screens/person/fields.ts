import type { OwnField } from "../../api/ownFields";
import type { FieldValue } from "../../api/person";
import { isDay } from "../../format";

/** What stands in the form: a text for every field; of a yes-or-no field "true", "false" or nothing. */
export type Typed = Record<string, string>;

/** A stored value as it stands in the form. */
export const typedOf = (value: FieldValue | undefined): string =>
  value === undefined ? "" : String(value);

/** A number as somebody types it, with a point or a comma; null where it is none that a field can hold. */
function numberOf(text: string): number | null {
  return /^[+-]?\d{1,15}([.,]\d{1,6})?$/.test(text) ? Number(text.replace(",", ".")) : null;
}

/** The value of what was typed into a field: null for an emptied one, undefined for what is no value of it. */
export function fieldValue(field: OwnField, typed: string): FieldValue | null | undefined {
  const text = typed.trim();
  if (!text) return null;
  if (field.type === "number") return numberOf(text) ?? undefined;
  if (field.type === "bool") return text === "true";
  if (field.type === "date") return isDay(text) ? text : undefined;
  return text;
}

/** What changes by a form: the values to write, and the fields whose texts are none. */
export function changesOf(
  fields: OwnField[],
  stored: Record<string, FieldValue>,
  typed: Typed,
): { values: Record<string, FieldValue | null>; wrong: string[] } {
  const values: Record<string, FieldValue | null> = {};
  const wrong: string[] = [];
  for (const field of fields) {
    if (!field.writable) continue;
    const value = fieldValue(field, typed[field.name] ?? "");
    if (value === undefined) wrong.push(field.name);
    else if (value !== (stored[field.name] ?? null)) values[field.name] = value;
  }
  return { values, wrong };
}
