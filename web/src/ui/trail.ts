/** The addresses that a window has shown, by their place in its history: for the way back. */
const shown = new Map<number, string>();

/** Where in the history the window is; React Router counts. */
export const placeNow = (): number => Number(window.history.state?.idx ?? 0);

/** Remember that an address is shown at a place. What was ahead of a new one is gone, as in the history. */
export function visited(place: number, address: string, isNew: boolean): void {
  if (isNew) {
    for (const other of shown.keys()) if (other > place) shown.delete(other);
  }
  shown.set(place, address);
}

/** The latest place before this one where a page was shown, whatever was asked there; null where none was. */
export function lastPlaceOf(
  path: string,
  before: number,
): { back: number; address: string } | null {
  for (let place = before - 1; place >= 0; place -= 1) {
    const address = shown.get(place);
    if (address !== undefined && address.split("?")[0] === path) {
      return { back: place - before, address };
    }
  }
  return null;
}
