import { useEffect, useRef } from "react";

/** What has the keys to itself: fields, and dialogs and menus that lie over the page. */
const WRITING = "input:not([type='checkbox']), textarea, select, [contenteditable='true']";
const ABOVE = "[role='dialog'], [role='menu']";

interface Does {
  /** Go to the search. */
  search?: () => void;
  /** Take back what is selected. */
  leave?: () => void;
}

const links = () => [...document.querySelectorAll<HTMLElement>(".people-row .link")];

const rowOf = (element: Element | null) => element?.closest(".people-row") ?? null;

/** Go to the row so many rows further; from nowhere to the first. */
function move(by: number): void {
  const all = links();
  const at = all.findIndex((link) => rowOf(link) === rowOf(document.activeElement));
  const next = at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1);
  all[next]?.focus();
  all[next]?.scrollIntoView({ block: "nearest" });
}

const select = () =>
  rowOf(document.activeElement)?.querySelector<HTMLElement>("input[type='checkbox']")?.click();

/** The keys of a list: j and k go through its rows, x selects one, Enter opens it as it does any link. They come
 * before those of the page's frame. */
export function useListKeys(does: Does): void {
  const latest = useRef(does);
  latest.current = does;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const { search, leave } = latest.current;
      const keys: Record<string, (() => void) | undefined> = {
        j: () => move(1),
        k: () => move(-1),
        x: select,
        "/": search,
        Escape: leave,
      };
      const done = keys[event.key];
      if (!done || event.defaultPrevented || event.isComposing) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const at = event.target instanceof Element ? event.target : null;
      if (at?.closest(WRITING) || document.querySelector(ABOVE)) return;
      event.preventDefault();
      done();
    };
    document.addEventListener("keydown", pressed, { capture: true });
    return () => document.removeEventListener("keydown", pressed, { capture: true });
  }, []);
}
