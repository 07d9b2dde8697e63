/** Something that happened, at a moment. */
interface Dated {
  at: Date;
}

/** A list that is fetched page by page, the newest first. */
export interface Source<Row extends Dated> {
  rows: Row[];
  /** There are older ones that are not fetched yet. */
  more: boolean;
}

/** Back to when a source is known for certain; of one that is known whole, for ever. */
function horizonOf(source: Source<Dated>): number {
  if (!source.more) return Number.NEGATIVE_INFINITY;
  return Math.min(...source.rows.map(({ at }) => at.getTime())); // of no rows: nothing is known
}

/** The rows of all sources in one, the newest first, as far as all of them are known: nothing is left out
 * between two that are shown. */
export function together<Row extends Dated>(sources: Source<Row>[]): Row[] {
  const horizon = Math.max(...sources.map(horizonOf));
  return sources
    .flatMap(({ rows }) => rows)
    .filter(({ at }) => at.getTime() >= horizon)
    .sort((one, other) => other.at.getTime() - one.at.getTime());
}

/** The sources that must go on for older rows to be shown, by their places. */
export function nextOf(sources: Source<Dated>[]): number[] {
  const horizon = Math.max(...sources.map(horizonOf));
  return sources.flatMap((source, place) =>
    source.more && horizonOf(source) === horizon ? [place] : [],
  );
}
