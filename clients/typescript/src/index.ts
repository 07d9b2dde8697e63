/** Typed calls of CRM-Lite, by the Firebase SDK that the app has already. */
import { FirebaseError } from "firebase/app";
import { type Functions, type FunctionsErrorCode, httpsCallable } from "firebase/functions";
import { type Calls, type Crm, METHODS, type RefusalReason, SECONDS } from "./calls.js";

export type * from "./calls.js";

/** The name of a callable. */
export type Name = keyof Calls;

/** What a callable takes. */
export type Asked<Which extends Name> = Calls[Which]["request"];

/** What a callable answers. */
export type Answer<Which extends Name> = Calls[Which]["answer"];

/** What is given to a callable: nothing, where it needs nothing. */
export type Given<Which extends Name> =
  Record<string, never> extends Asked<Which> ? [data?: Asked<Which>] : [data: Asked<Which>];

/** A call that CRM-Lite has refused: nothing was changed. What else goes wrong, such as a network that is not there, is a
 * `FirebaseError` of the SDK, as ever. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** As the SDK has it, such as `functions/not-found`. */
  readonly code: FunctionsErrorCode;
  /** The stable code of docs/calls.md, such as `no-such-customer`. */
  readonly reason: RefusalReason;
  /** What else is said for programs, such as `customerIds` of `ambiguous`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: FunctionsErrorCode,
    reason: RefusalReason,
    message: string,
    details: Record<string, unknown> = { reason },
  ) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

/** An error of the SDK as the refusal that it tells of; null, where it tells of none. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (!(error instanceof FirebaseError)) return null;
  const { details } = error as { details?: unknown };
  if (typeof details !== "object" || details === null) return null;
  const { reason } = details as { reason?: unknown };
  if (typeof reason !== "string") return null;
  const message = error.message.replace(/ \[\d{3}\]$/, ""); // the SDK adds the status of HTTP
  const said = details as Record<string, unknown>;
  return new Refusal(error.code as FunctionsErrorCode, reason as RefusalReason, message, said);
}

/** The SDK waits 70 seconds by itself. This is longer than the function may take. */
const patienceOf = (name: Name): number => ((SECONDS[name] ?? 60) + 10) * 1_000;

/**
 * Call a callable by its name.
 *
 * @param functions - `getFunctions(app, region)`, the region as in `crm.toml`
 * @param name - as in docs/calls.md
 * @throws Refusal where it is refused
 */
export async function call<Which extends Name>(
  functions: Functions,
  name: Which,
  ...[data]: Given<Which>
): Promise<Answer<Which>> {
  const callable = httpsCallable<unknown, Answer<Which>>(functions, name, {
    timeout: patienceOf(name),
  });
  try {
    return (await callable(data ?? {})).data;
  } catch (error) {
    throw refusalOf(error) ?? error;
  }
}

/**
 * All calls as methods: `crm(getFunctions(app, region)).searchCustomers({ q: "ada" })`.
 *
 * @param functions - `getFunctions(app, region)`, the region as in `crm.toml`
 */
export function crm(functions: Functions): Crm {
  const methods = Object.entries(METHODS).map(([method, name]) => [
    method,
    (...data: Given<Name>) => call(functions, name, ...data),
  ]);
  return Object.fromEntries(methods) as Crm;
}

/**
 * The pages of a list, one after the other: `for await (const { tags } of pages(client.listTags, {}))`.
 *
 * @param list - a method whose answer has `nextPageToken`
 * @param data - what it takes
 */
export async function* pages<
  Taken extends { pageToken?: string | null },
  Page extends { nextPageToken: string | null },
>(list: (data: Taken) => Promise<Page>, data: Taken): AsyncGenerator<Page, void> {
  let pageToken = data.pageToken ?? null;
  do {
    const page = await list({ ...data, pageToken });
    yield page;
    pageToken = page.nextPageToken;
  } while (pageToken !== null);
}
