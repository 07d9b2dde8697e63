/** What pages were called once, and are called today. */
const NAMES = new Map([
  ["customers", "people"],
  ["jobs", "activity"],
  ["quarantine", "problems"],
]);

/** Where a page is today that had this path once; null for any other path. */
export function movedTo(pathname: string): string | null {
  const [, first = "", ...rest] = pathname.split("/");
  const name = NAMES.get(first);
  return name ? `/${[name, ...rest].join("/")}` : null;
}
