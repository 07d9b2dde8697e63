import { FirebaseError } from "firebase/app";
import { httpsCallable } from "firebase/functions";
import type { Backend } from "../firebase";
import { t, wordsFor } from "../words";
import type { Calls } from "./generated";

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
  if (error instanceof FirebaseError) {
    const details = ((error as { details?: unknown }).details ?? {}) as Record<string, unknown>;
    const reason = typeof details.reason === "string" ? details.reason : null;
    const column = typeof details.column === "number" ? details.column : null;
    const message = error.message.replace(/ \[\d{3}\]$/, ""); // the SDK adds the HTTP status
    const text = reason
      ? reasonInWords({ reason, message, column })
      : (wordsFor(`refusals.codes.${error.code}`) ?? message);
    return new Refused(text, error.code, reason, column, details);
  }
  const text = error instanceof Error ? error.message : String(error);
  return new Refused(text, "unknown", null, null, {});
}

/** The name of a callable. */
export type Name = keyof Calls;

export type Request<Which extends Name> = Calls[Which]["request"];
export type Answer<Which extends Name> = Calls[Which]["answer"];

/** What is given to a callable: nothing, where it needs nothing. */
export type Given<Which extends Name> =
  Record<string, never> extends Request<Which> ? [data?: Request<Which>] : [data: Request<Which>];

/** The most that is waited, in milliseconds: longer than any function runs. */
const LONGEST = 310_000;

/** Calls that go on for as long as the list is that they are given. */
const LONG = ["import_contacts"];

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
    const patience = LONG.includes(name) ? { timeout: LONGEST } : {};
    return (await httpsCallable(backend.functions, name, patience)(data)).data;
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
