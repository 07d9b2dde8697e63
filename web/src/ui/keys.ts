import { useEffect, useRef } from "react";

/** What is done at a key, by what the key writes: `j`, `?`, `Enter`. */
export type Keys = Record<string, (event: KeyboardEvent) => unknown>;

const WRITING = "input, textarea, select, [contenteditable='true']";

/** Whether a key is meant for what has the focus, or for a dialog or menu that lies over the page. */
function isTaken(event: KeyboardEvent): boolean {
  const at = event.target instanceof Element ? event.target : null;
  return Boolean(at?.closest(WRITING) || document.querySelector("[role='dialog'], [role='menu']"));
}

/** Do something at single keys, wherever on the page one is, unless somebody is writing or a dialog is open. By
 * what a key writes, so that `/` and `?` are where they are on the reader's keyboard. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const done = latest.current[event.key];
      if (!done || event.defaultPrevented || event.isComposing) return;
      if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
      event.preventDefault();
      done(event);
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}
