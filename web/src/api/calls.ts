import type { Answer, Asked, Given, Name } from "crm-lite-client";
import * as client from "crm-lite-client";
import { FirebaseError } from "firebase/app";
import type { Backend } from "../firebase";
import { t, wordsFor } from "../words";

export type { Answer, Asked as Request, Given, Name };

/** A refusal of the server in its own words, with where in a text it is. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly reason: string | null,
    readonly column: number | null,
    readonly details: Record<string, unknown>,
  ) {
    super(message);
  }
}

/** A reason of docs/calls.md in words; the server's own where the page has none. */
export const reasonInWords = (told: { reason: string; message: string; column?: number | null }) =>
  wordsFor(`refusals.reasons.${told.reason}`, told) ?? told.message;

/** Any error in words for who looks at the page: in the page's own, where the server's name fields, other calls
 * or commands, which are for who writes a program. */
export function refusalOf(error: unknown): Refused {
  if (error instanceof Refused) return error;
  const refused = client.refusalOf(error);
  if (refused) {
    const { code, reason, message, details } = refused;
    const column = typeof details.column === "number" ? details.column : null;
    return new Refused(reasonInWords({ reason, message, column }), code, reason, column, details);
  }
  if (error instanceof FirebaseError) {
    const message = error.message.replace(/ \[\d{3}\]$/, ""); // the SDK adds the HTTP status
    return new Refused(
      wordsFor(`refusals.codes.${error.code}`) ?? message,
      error.code,
      null,
      null,
      {},
    );
  }
  const text = error instanceof Error ? error.message : String(error);
  return new Refused(text, "unknown", null, null, {});
}

/** The most that is waited, in milliseconds: longer than any function runs. */
const LONGEST = 310_000;

/** Call a callable of docs/calls.md. */
export function call<Which extends Name>(
  backend: Backend,
  name: Which,
  ...data: Given<Which>
): Promise<Answer<Which>>;
/** Likewise, where the screen says by itself what is answered. */
export function call<Said>(
  backend: Backend,
  name: unknown extends Said ? never : string,
  data?: Record<string, unknown>,
): Promise<Said>;
export async function call(backend: Backend, name: string, data: unknown = {}): Promise<unknown> {
  try {
    return await client.call(backend.functions, name as "get_job", data as Asked<"get_job">);
  } catch (error) {
    throw refusalOf(error);
  }
}

/** Fetch an HTTP function's answer as a file. */
export async function download(
  backend: Backend,
  name: string,
  parameters: Record<string, string>,
): Promise<Blob> {
  const token = await backend.auth.currentUser?.getIdToken();
  const url = `${backend.origin}/${name}?${new URLSearchParams(parameters)}`;
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(LONGEST) }).catch(() => {
    throw new Error(t("refusals.codes.functions/unavailable"));
  });
  if (!answer.ok) {
    const body = (await answer.json().catch(() => null)) as { error?: { message?: string } } | null;
    throw new Error(body?.error?.message ?? t("refusals.download", { status: answer.status }));
  }
  return await answer.blob();
}

export function saveFile(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
