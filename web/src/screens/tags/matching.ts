import { tagId } from "../../api/queries";
import type { Tag } from "../../api/types";

/** Letters as one types them in a hurry: without case and accents. */
const plain = (text: string) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase().trim();

/** The tags whose name has a text in it, case and accents aside. */
export const matching = (tags: Tag[], text: string): Tag[] =>
  tags.filter(({ label }) => plain(label).includes(plain(text)));

/** The tag that a new name would make one with this one, if there is any. */
export function unitedWith(tags: Tag[], tag: Tag, name: string): Tag | null {
  const id = tagId(name);
  return id === tag.tag ? null : (tags.find((one) => one.tag === id) ?? null);
}
