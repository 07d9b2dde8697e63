import { t } from "../words";

/** Which tags were given and taken. Of an entry from before they were kept, or of tags that are deleted since,
 * how many. */
export function tagsInWords(
  facts: Record<string, unknown>,
  labels: Map<string, string>,
): string | null {
  const said = (key: string, tags: unknown, count: unknown) => {
    const named = Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
    const all = Math.max(Number(count ?? 0), named.length);
    if (!all) return null;
    const rest = all - named.length;
    const names = named.map((tag) => labels.get(tag) ?? tag);
    if (rest) names.push(t("person.activity.unnamedTags", { count: rest }));
    return t(`person.activity.${key as "tagsAdded"}`, { tags: names.join(", ") });
  };
  const lines = [
    said("tagsAdded", facts.addedTags, facts.added),
    said("tagsRemoved", facts.removedTags, facts.removed),
  ];
  return lines.filter((line) => line !== null).join("; ") || null;
}
