/** The number that somebody typed, with a point or a comma; null where it is none, or has more decimals than
 * there can be. Nothing that is typed is left out or read as something else. */
export function typedNumber(text: string, digits: number): number | null {
  const found = /^(\d{1,15})(?:[.,](\d*))?$/.exec(text.trim());
  const decimals = found?.[2] ?? "";
  if (!found || decimals.length > digits) return null;
  return Number(`${found[1]}.${decimals || "0"}`);
}
