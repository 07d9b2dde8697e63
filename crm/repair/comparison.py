"""A collection of the host, compared with what is known of it: first by counts, then one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from crm.config.paths import is_name
from crm.core.errors import Conflict, Rejected, Transient
from crm.db.collections import SWEEP
from crm.db.documents import Create, Snapshot, Update
from crm.db.scan import PAGE
from crm.repair.mirrors import Chunk, Mirror
from crm.repair.partitions import Partitions, Range, size_of
from crm.repair.shapes import examine
from crm.repair.sweep_run import SweepRun

RANGES: Final = 24
"""Ranges of a collection that are counted each time, at most: two lost events that leave the total
as it is are mostly in two of them. Of a round of 576 slices that is 24 in each, so that 20,000
orders are counted in ranges of fewer than 1,000, which Firestore bills one read each."""

ENOUGH: Final = 1_000_000
"""Documents of a collection that one run counts, about. Of a collection with more it counts some
ranges, and those beside them the next time: a count is billed, too, and is given up by the database
after a minute."""

NEWEST: Final = 25
"""Orders that every run looks at, those created last."""

MANY: Final = 100
"""Documents that are not taken for deleted all at once."""

COUNTED: Final = 1_000
"""Documents that are counted together: Firestore bills one read for each 1,000."""


def compare(run: SweepRun, mirror: Mirror) -> None:
    """Compare one collection of the host with what is known of it, and mend what differs."""
    path = f"{SWEEP}/{mirror.known_in}"
    kept = run.runner.read_one(path)
    partitions = _cuts(mirror, kept)
    ranges = partitions.ranges(RANGES)
    totals = _counted(run, mirror, ranges)
    size = size_of(sum(there for there, _ in totals.values()) * len(ranges) // len(totals))
    mismatched = {
        ids: abs(there - known) for ids, (there, known) in totals.items() if there != known
    }
    if mismatched:
        run.report.mismatched[mirror.path] = sum(mismatched.values())
        if _has_vanished(run, mirror, list(totals.values())):
            return
        for ids in mismatched:
            partitions = _walk_mismatch(run, mirror, partitions, ids, totals[ids][0], size)
    elif not partitions.complete:
        partitions = _walk(run, mirror, partitions.rest, 4 * size).add_cuts(partitions, size)
    elif not run.over:
        # The slice whose turn it is. One that has grown is cut; its tail has its own turn then.
        walked = _walk(run, mirror, partitions.slice_of(run.turn), 4 * size)
        if len(walked.ids) > 2 * size:
            partitions = partitions.with_cuts(walked.ids[size::size])
    _keep(run, kept, partitions)


def _has_vanished(run: SweepRun, mirror: Mirror, counts: Sequence[tuple[int, int]]) -> bool:
    """Report a collection that is empty, and was not; say whether it is one.

    Its documents would all be taken for deleted. So many are deleted by events; without them the
    path in `crm.toml` is more likely to be another one than before.
    """
    there, known = (sum(numbers) for numbers in zip(*counts, strict=True))
    if there or known < MANY:
        return False
    why = (
        f"the collection is empty, and {known:,} documents of it are known: check its path in"
        " crm.toml, or say by `rebuild --all-gone` that they are gone"
    )
    run.report.failed.append((mirror.path, "", why))
    return True


def _cuts(mirror: Mirror, kept: Snapshot) -> Partitions:
    """Return the cuts that are kept; none where `crm.toml` has named another path since."""
    cuts = _partitions(kept)
    return cuts if all(is_name(mirror.path, one) for one in cuts.ids) else Partitions()


def look_at_newest(run: SweepRun, mirror: Mirror) -> None:
    """Look at what was created last: it changes most."""
    query = mirror.newest(NEWEST)
    if query is None:
        return
    try:
        found = run.runner.store.find(query)
    except (Conflict, Rejected, Transient):
        return  # such as where the host has exempted the field from its indexes
    there = mirror.named(found)
    places = {name: mirror.place(name) for name in there}
    rows = run.read(list(places.values()))
    known: Mapping[str, Snapshot] = {
        name: rows[path] for name, path in places.items() if rows[path].exists
    }
    failed = {name for collection, name, _ in run.report.failed if collection == mirror.path}
    stale = [name for name in Chunk(there, known, None).stale if name not in failed]
    run.mend(mirror.path, mirror.handle, stale, mirror.again)


def _counted(
    run: SweepRun, mirror: Mirror, ranges: Sequence[Range]
) -> dict[Range, tuple[int, int]]:
    """Count ranges, beginning with the one whose turn it is, until that is enough for one run."""
    turn = run.turn % len(ranges)
    first, *others = [*ranges[turn:], *ranges[:turn]]
    found = {first: _count(run, mirror, first)}
    some = others[: ENOUGH // max(1, *found[first])]
    counts = run.pool.map(lambda ids: _count(run, mirror, ids), some)
    return found | dict(zip(some, counts, strict=True))


def _count(run: SweepRun, mirror: Mirror, ids: Range) -> tuple[int, int]:
    """Count the host's documents of a range, and what is known of them."""
    return run.count(mirror.documents(ids)), run.count(mirror.known(ids))


def _walk_mismatch(
    run: SweepRun, mirror: Mirror, partitions: Partitions, ids: Range, total: int, size: int
) -> Partitions:
    """Walk the parts of a range that differ.

    Returns:
        The cuts, with those that the walk of the last part has found.
    """
    parts = partitions.inside(ids, total, COUNTED)
    for part in parts:
        if len(parts) > 1:
            there, known = _count(run, mirror, part)
            if there == known:
                continue
        walked = _walk(run, mirror, part)
        if part[1] is None:
            partitions = walked.add_cuts(partitions, size)
    return partitions


def _walk(run: SweepRun, mirror: Mirror, ids: Range, most: int | None = None) -> _Walked:
    """Compare a range document by document, and mend it; at most `most` documents of it."""
    low, high = ids
    seen: list[str] = []
    while not run.over:
        limit = PAGE if most is None else min(PAGE, most - len(seen))
        chunk = mirror.chunk(run.runner.store, run.runner.retry, (low, high), limit)
        run.mend(mirror.path, mirror.handle, chunk.stale, mirror.again)
        seen += chunk.there
        run.report.looked[mirror.path] += len(chunk.there)
        if chunk.following is None:
            return _Walked(seen)
        low = chunk.following
        if len(seen) == most:
            break
    return _Walked(seen, low, finished=False)


def _partitions(kept: Snapshot) -> Partitions:
    """Return the cuts as they are kept; none where a hand has damaged them."""
    return Partitions() if examine(kept).flaws else Partitions.from_data(kept.fields)


def _keep(run: SweepRun, kept: Snapshot, partitions: Partitions) -> None:
    if partitions == _partitions(kept) and not examine(kept).flaws:
        return
    data = partitions.to_data()
    write = Update(kept.path, data, kept.version) if kept.exists else Create(kept.path, data)
    # Where another sweep was quicker, nothing but these cuts is lost.
    with suppress(Conflict):
        run.runner.store.commit([write])


@dataclass(frozen=True)
class _Walked:
    """A range, or the beginning of one, after a walk.

    Attributes:
        ids: The documents that were there.
        following: Where to go on.
        finished: Whether the end was reached.
    """

    ids: Sequence[str]
    following: str | None = None
    finished: bool = True

    def add_cuts(self, partitions: Partitions, size: int) -> Partitions:
        """Return the cuts with those that a walk of the rest has found."""
        found = list(self.ids[size::size])
        if self.following is not None:
            found.append(self.following)
        return partitions.with_cuts(found, complete=self.finished)
