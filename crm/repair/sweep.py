"""The sweep: finds and mends what events missed, at a cost that is small where nothing was.

Counts come first, range by range: the host's orders against the live rows of the ledger, its users
against the live identities. Only where they differ are documents looked at. Then come the newest
orders, which change most. Any other change that leaves the counts as they are (a lost edit) is
found by a walk in the background: each run looks at one slice, chosen by the clock, so that a run
which finds nothing writes nothing, not even how far it is.

Everything is mended by the very same sync that events call. So a sweep is safe beside them and
beside another sweep, and may be stopped at any point.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from crm.core.errors import Conflict, Rejected, Transient, described
from crm.core.keyring import prefix_of
from crm.customers.identity import UserIdentity
from crm.db.collections import IDENTITIES, QUARANTINE, SWEEP
from crm.db.documents import BY_ID, Create, Query, Snapshot, Update
from crm.db.runner import Runner
from crm.db.scan import PAGE
from crm.jobs.housekeeping import delete_expired, stale
from crm.jobs.job import Enqueue
from crm.jobs.run import enqueue_job
from crm.repair.mirrors import Chunk, Mirror, mirrors
from crm.repair.partitions import Partitions, Range, between, share_of_keys, size_of
from crm.sync.quarantine import look_again
from crm.sync.sync import Sync

T = TypeVar("T")

EVERY: Final = timedelta(minutes=10)
"""How often the scheduler calls: a round of all 576 slices takes four days."""

RANGES: Final = 24
"""Ranges of a collection that are counted each time, at most: two lost events that leave the total
as it is are mostly in two of them. Of a round of 576 slices that is 24 in each, so that 20,000
orders are counted in ranges of fewer than 1,000, which Firestore bills one read each."""

NEWEST: Final = 25
"""Orders that every run looks at, those created last."""

COUNTED: Final = 1_000
"""Documents that are counted together: Firestore bills one read for each 1,000."""

HANDFUL: Final = 25
"""Unproven addresses, and quarantined documents, that one run looks at, about."""


@dataclass
class Report:
    """What a sweep found.

    Attributes:
        off: Collection to by how many documents the counts differed.
        looked: Collection to documents compared.
        mended: Collection to documents for which something was written.
        failed: What could not be mended: collection, id, and why, without values.
        restarted: Jobs that had stopped.
        deleted: Jobs that had been over for long.
        finished: Whether the time was enough; else the next run finds the rest.
    """

    mismatched: dict[str, int] = field(default_factory=dict)
    looked: Counter[str] = field(default_factory=Counter)
    mended: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, str, str]] = field(default_factory=list)
    restarted: int = 0
    deleted: int = 0
    finished: bool = True


def sweep(
    runner: Runner,
    enqueue: Enqueue,
    *,
    seconds: float = 240.0,
    threads: int = 8,
    clock: Callable[[], float] = time.monotonic,
) -> Report:
    """Find and mend what was missed.

    Args:
        runner: Carries plans out, and says what time it is.
        enqueue: Has a worker look at a job.
        seconds: After that long, begin nothing more.
        threads: How many documents to mend at a time.
        clock: Seconds.

    Raises:
        Transient: The database could not be asked. What a single document meets is reported.
    """
    report = Report()
    sync = Sync(runner)
    with ThreadPoolExecutor(threads) as pool:
        run = _Run(runner, report, pool, clock, clock() + seconds, _turn(runner.now()))
        for mirror in mirrors(sync):
            run.compare(mirror)
            run.newest(mirror)
        run.claims(sync)
        run.quarantined(sync)
    for job_id in run.call(lambda: stale(runner.store, runner.now())):
        enqueue_job(enqueue, job_id)
        report.restarted += 1
    report.deleted = run.call(lambda: delete_expired(runner.store, runner.now()))
    report.finished = not run.over
    return report


def _turn(now: datetime) -> int:
    return int(now.timestamp() // EVERY.total_seconds())


@dataclass
class _Run:
    """One sweep."""

    runner: Runner
    report: Report
    pool: ThreadPoolExecutor
    clock: Callable[[], float]
    end: float
    turn: int

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return self.clock() >= self.end

    def call(self, attempt: Callable[[], T]) -> T:
        return self.runner.retry.call(attempt)

    def find(self, query: Query) -> list[Snapshot]:
        return self.call(partial(self.runner.store.find, query))

    def count(self, query: Query) -> int:
        return self.call(partial(self.runner.store.count, query))

    def compare(self, mirror: Mirror) -> None:
        """Compare one collection of the host with what is known of it."""
        kept = self.runner.read_one(f"{SWEEP}/{mirror.known_in}")
        partitions = Partitions.from_data(kept.fields)
        ranges = partitions.ranges(RANGES)
        totals = dict(zip(ranges, self.pool.map(partial(self._both, mirror), ranges), strict=True))
        size = size_of(sum(there for there, _ in totals.values()))
        mismatched = {
            ids: abs(there - known) for ids, (there, known) in totals.items() if there != known
        }
        if mismatched:
            self.report.mismatched[mirror.path] = sum(mismatched.values())
            for ids in mismatched:
                partitions = self._walk_inside(mirror, partitions, ids, totals[ids][0], size)
        elif not partitions.complete:
            partitions = self._walk(mirror, partitions.rest, 4 * size).extend(partitions, size)
        elif not self.over:
            # The slice whose turn it is. One that has grown is cut; its tail has its own turn then.
            walked = self._walk(mirror, partitions.slice_of(self.turn), 4 * size)
            if len(walked.ids) > 2 * size:
                partitions = partitions.with_cuts(walked.ids[size::size])
        self._keep(kept, partitions)

    def _walk_inside(
        self, mirror: Mirror, partitions: Partitions, ids: Range, total: int, size: int
    ) -> Partitions:
        """Walk what differs of a range; give the cuts with what the end of the last one teaches."""
        parts = partitions.inside(ids, total, COUNTED)
        for part in parts:
            if len(parts) > 1 and len({*self._both(mirror, part)}) == 1:
                continue
            walked = self._walk(mirror, part)
            if part[1] is None:
                partitions = walked.extend(partitions, size)
        return partitions

    def newest(self, mirror: Mirror) -> None:
        """Look at what was created last: it changes most."""
        query = mirror.newest(NEWEST)
        if query is None:
            return
        try:
            found = self.runner.store.find(query)
        except (Conflict, Rejected, Transient):
            return  # such as where the host has exempted the field from its indexes
        places = {one.id: mirror.place(one.id) for one in found}
        rows = self.call(partial(self.runner.store.read, places.values()))
        known = {name: rows[path] for name, path in places.items() if rows[path].exists}
        failed = {name for collection, name, _ in self.report.failed if collection == mirror.path}
        stale = [name for name in Chunk(found, known, None).stale if name not in failed]
        self._mend(mirror.path, mirror.handle, stale)

    def claims(self, sync: Sync) -> None:
        """Look at users again whose address was not theirs: it may be proven, or free, by now."""
        total = self.count(Query(IDENTITIES, (("claimed", ">=", ""),)))
        turns = max(1, -(-total // HANDFUL))
        low, high = share_of_keys(prefix_of("e"), self.turn, turns)
        where = between("claimed", (low or "", high))
        waiting = []
        for row in self.find(Query(IDENTITIES, where, ("claimed", "asc"))) if total else []:
            user = UserIdentity.from_data(row.fields)
            if user.live and user.claimed not in user.keep_apart:
                waiting.append(user.uid)
        self._mend(self.runner.settings.users.path, sync.sync_user, waiting)

    def quarantined(self, sync: Sync) -> None:
        """Look at quarantined documents again: what stopped them may be over."""
        total = self.count(Query(QUARANTINE))
        turns = max(1, -(-total // HANDFUL))
        where = between(BY_ID[0], share_of_keys(prefix_of("q"), self.turn, turns))
        found = self.find(Query(QUARANTINE, where, BY_ID)) if total else []
        rows = {row.id: row for row in found}
        self._mend(QUARANTINE, lambda row_id: look_again(sync, rows[row_id]), list(rows))

    def _both(self, mirror: Mirror, ids: Range) -> tuple[int, int]:
        """Count the host's documents of a range, and what is known of them."""
        return self.count(mirror.documents(ids)), self.count(mirror.known(ids))

    def _walk(self, mirror: Mirror, ids: Range, most: int | None = None) -> _Walked:
        """Compare a range document by document, and mend it; at most `most` documents of it."""
        low, high = ids
        seen: list[str] = []
        store, retry = self.runner.store, self.runner.retry
        while not self.over:
            limit = PAGE if most is None else min(PAGE, most - len(seen))
            chunk = mirror.chunk(store, retry, (low, high), limit)
            self._mend(mirror.path, mirror.handle, chunk.stale)
            seen += [document.id for document in chunk.there]
            self.report.looked[mirror.path] = self.report.looked.get(mirror.path, 0) + len(
                chunk.there
            )
            if chunk.following is None:
                return _Walked(seen)
            low = chunk.following
            if len(seen) == most:
                break
        return _Walked(seen, low, finished=False)

    def _mend(self, collection: str, handle: Callable[[str], bool], ids: Sequence[str]) -> None:
        def one(name: str) -> bool:
            if self.over:
                return False
            try:
                return handle(name)
            except Exception as error:
                why = described(error)
                self.report.failed.append((collection, name, why))
                return False

        if ids:
            done = sum(self.pool.map(one, ids))
            self.report.mended[collection] += done

    def _keep(self, kept: Snapshot, partitions: Partitions) -> None:
        if partitions == Partitions.from_data(kept.fields):
            return
        data = partitions.to_data()
        write = Update(kept.path, data, kept.version) if kept.exists else Create(kept.path, data)
        # Where another sweep was quicker, nothing but these cuts is lost.
        with suppress(Conflict):
            self.runner.store.commit([write])


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

    def extend(self, partitions: Partitions, size: int) -> Partitions:
        """Return the cuts with those that a walk of the rest has found."""
        found = list(self.ids[size::size])
        if self.following is not None:
            found.append(self.following)
        return partitions.with_cuts(found, complete=self.finished)
