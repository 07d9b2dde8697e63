import { call, saveFile } from "../../api/calls";
import type { Backend } from "../../firebase";

/** An archive with a further part of it, put together as docs/privacy.md says: lists go on, all else is the same. */
export function joined(archive: object, part: object): object {
  const whole: Record<string, unknown> = { ...archive };
  for (const [key, value] of Object.entries(part)) {
    const before = whole[key];
    whole[key] = Array.isArray(value) && Array.isArray(before) ? before.concat(value) : value;
  }
  return whole;
}

/** Save all that is kept of a person as one file. */
export async function saveArchive(
  backend: Backend,
  customerId: string,
  signal: AbortSignal,
): Promise<void> {
  let part = await call(backend, "export_customer", { customerId });
  let archive: object = part.archive;
  while (part.nextPageToken) {
    signal.throwIfAborted();
    const pageToken: string = part.nextPageToken;
    part = await call(backend, "export_customer", { customerId, pageToken });
    archive = joined(archive, part.archive);
  }
  const text = JSON.stringify(archive, null, 2);
  saveFile(new Blob([text], { type: "application/json" }), `export-${customerId}.json`);
}
