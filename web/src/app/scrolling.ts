import { useLayoutEffect, useRef } from "react";
import { useLocation, useNavigationType } from "react-router";
import { placeNow, visited } from "../ui/trail";

/** How long what is loaded may take to be as long as it was, in milliseconds. */
const PATIENCE = 10_000;

/** What a reader does who is at home on the page by now. */
const KEYS = ["wheel", "touchstart", "keydown", "pointerdown"];

/** Scroll to where one was, as soon as the page is long enough again, unless the reader does something first.
 * Returns what stops it. */
function scrollBack(depth: number): () => void {
  const growing = new ResizeObserver(() => reach());
  const timer = setTimeout(() => stop(), PATIENCE);
  const stop = () => {
    growing.disconnect();
    clearTimeout(timer);
    for (const key of KEYS) window.removeEventListener(key, stop);
  };
  const reach = () => {
    window.scrollTo(0, depth);
    if (Math.abs(window.scrollY - depth) < 2) stop();
  };
  for (const key of KEYS) window.addEventListener(key, stop, { passive: true });
  growing.observe(document.body);
  return stop;
}

/** Begin a new page at its top, and one that somebody comes back to where it was left. */
export function useScrolling(): void {
  const { key, pathname, search } = useLocation();
  const way = useNavigationType();
  const at = useRef({ place: placeNow(), pathname });
  /** How far down each place of the history was read. */
  const depths = useRef(new Map<number, number>());
  const still = useRef(() => {});
  useLayoutEffect(() => {
    window.history.scrollRestoration = "manual";
    const leave = () => {
      window.history.scrollRestoration = "auto"; // loading a page again is the browser's
    };
    window.addEventListener("pagehide", leave);
    return () => window.removeEventListener("pagehide", leave);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each entry of the history
  useLayoutEffect(() => {
    const place = placeNow();
    visited(place, pathname + search, way === "PUSH");
    const before = at.current;
    if (before.place === place && before.pathname === pathname) return; // another question there
    at.current = { place, pathname };
    still.current();
    const depth = way === "POP" ? depths.current.get(place) : 0;
    if (depth) still.current = scrollBack(depth);
    else window.scrollTo(0, 0);
  }, [key]);
  // That a page is shorter than the one before it is no reading: what follows is noted.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each entry of the history
  useLayoutEffect(() => {
    const { place } = at.current;
    const note = () => depths.current.set(place, window.scrollY);
    const frame = requestAnimationFrame(() => window.addEventListener("scroll", note));
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener("scroll", note);
    };
  }, [key]);
}
