import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { t } from "../words";
import { Refused, refusalOf } from "./calls";

/** What tells nothing about whether the server has done it. */
const SILENT = ["functions/unavailable", "functions/internal", "functions/deadline-exceeded"];

/** The error of a deed, with what it leaves open. */
function failureOf(error: unknown): Refused {
  const { message, code, reason, column, details } = refusalOf(error);
  const open = reason === null && SILENT.includes(code);
  return new Refused(
    open ? `${message} ${t("refusals.unknown")}` : message,
    code,
    reason,
    column,
    details,
  );
}

/** Do work now or not at all: refuse it without a connection, and end it where the connection breaks.
 * What has several steps looks at the signal before each: nothing begins later. */
export async function now<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  if (!navigator.onLine) throw new Refused(t("refusals.offline"), "offline", null, null, {});
  const ending = new AbortController();
  const broken = new Promise<never>((_, reject) => {
    ending.signal.addEventListener("abort", () => reject(ending.signal.reason));
  });
  const lose = () => {
    const told = `${t("refusals.broken")} ${t("refusals.unknown")}`;
    ending.abort(new Refused(told, "offline", null, null, {}));
  };
  window.addEventListener("offline", lose);
  try {
    return await Promise.race([work(ending.signal), broken]);
  } catch (error) {
    throw failureOf(error);
  } finally {
    window.removeEventListener("offline", lose);
  }
}

interface Deed<Answer, Input> {
  work: (input: Input, signal: AbortSignal) => Promise<Answer>;
  onSuccess?: (answer: Answer) => unknown;
  onError?: (error: Error) => unknown;
  onSettled?: () => unknown;
}

/** Something that somebody does: at once or not at all, once at a time, and never again by itself. */
export function useDeed<Answer, Input = void>(deed: Deed<Answer, Input>) {
  const busy = useRef(false);
  const { mutate, ...state } = useMutation<Answer, Error, Input>({
    mutationFn: (input) => now((signal) => deed.work(input, signal)),
    networkMode: "always", // else it waits for the connection, and happens then
    retry: false,
    onSuccess: deed.onSuccess,
    onError: deed.onError,
    onSettled: () => {
      busy.current = false;
      return deed.onSettled?.();
    },
  });
  const run = (input: Input) => {
    if (busy.current) return;
    busy.current = true;
    mutate(input);
  };
  return { isPending: state.isPending, error: state.error, reset: state.reset, run };
}
