"""The sweep: finds and mends what events missed, at a cost that is small where nothing was.

Counts come first: the host's orders against the live rows of the ledger, its users against the live
identities. Only where they differ are documents looked at, range by range. A change that leaves the
counts as they are (a lost edit) is found by a walk in the background: each run looks at one slice,
chosen by the clock, so that a run which finds nothing writes nothing, not even how far it is.

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

from crm.directory import UserIdentity
from crm.documents import BY_ID, Create, Query, Replace, Snapshot
from crm.errors import Conflict, place_of
from crm.identity import prefix_of
from crm.jobs import Enqueue, clean, hand_over, stale
from crm.planning import IDENTITIES, QUARANTINE, SWEEP
from crm.quarantine import look_again
from crm.runner import Runner
from crm.sides import ALL, Side, sides
from crm.slices import Cuts, Range, between, share_of_keys, size_of
from crm.sync import Sync
from crm.walking import PAGE

T = TypeVar("T")

EVERY: Final = timedelta(minutes=10)
"""How often the scheduler calls: a round of all 400 slices takes some three days."""

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

    off: dict[str, int] = field(default_factory=dict)
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

    Errors:
        Transient: The database could not be asked. What a single document meets is reported.
    """
    report = Report()
    sync = Sync(runner)
    with ThreadPoolExecutor(threads) as pool:
        run = _Run(runner, report, pool, clock, clock() + seconds, _turn(runner.now()))
        for side in sides(sync):
            run.compare(side)
        run.claims(sync)
        run.quarantined(sync)
    for job_id in run.insist(lambda: stale(runner.store, runner.now())):
        hand_over(enqueue, job_id)
        report.restarted += 1
    report.deleted = run.insist(lambda: clean(runner.store, runner.now()))
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

    def insist(self, attempt: Callable[[], T]) -> T:
        return self.runner.patience.insist(attempt)

    def find(self, query: Query) -> list[Snapshot]:
        return self.insist(partial(self.runner.store.find, query))

    def count(self, query: Query) -> int:
        return self.insist(partial(self.runner.store.count, query))

    def compare(self, side: Side) -> None:
        """Compare one collection of the host with what is known of it."""
        path = f"{SWEEP}/{side.known_in}"
        kept = self.insist(lambda: self.runner.store.read([path]))[path]
        cuts = Cuts.from_data(kept.fields)
        total = self.count(side.documents(ALL))
        size = size_of(total)
        if off := self._off(side, ALL):
            self.report.off[side.path] = off
            groups = cuts.groups(total, COUNTED)
            for ids in groups:
                if len(groups) > 1 and not self._off(side, ids):
                    continue
                walked = self._walk(side, ids)
                if ids[1] is None:
                    cuts = walked.teach(cuts, size)
        elif not cuts.complete:
            cuts = self._walk(side, cuts.rest, 4 * size).teach(cuts, size)
        elif not self.over:
            # The slice whose turn it is. One that has grown is cut; its tail has its own turn then.
            walked = self._walk(side, cuts.slice_of(self.turn), 4 * size)
            if len(walked.ids) > 2 * size:
                cuts = cuts.with_cuts(walked.ids[size::size])
        self._keep(kept, cuts)

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

    def _off(self, side: Side, ids: Range) -> int:
        return abs(self.count(side.documents(ids)) - self.count(side.known(ids)))

    def _walk(self, side: Side, ids: Range, most: int | None = None) -> _Walked:
        """Compare a range document by document, and mend it; at most `most` documents of it."""
        low, high = ids
        seen: list[str] = []
        store, patience = self.runner.store, self.runner.patience
        while not self.over:
            limit = PAGE if most is None else min(PAGE, most - len(seen))
            stretch = side.stretch(store, patience, (low, high), limit)
            self._mend(side.path, side.handle, stretch.stale)
            seen += [document.id for document in stretch.there]
            self.report.looked[side.path] = self.report.looked.get(side.path, 0) + len(
                stretch.there
            )
            if stretch.following is None:
                return _Walked(seen)
            low = stretch.following
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
                why = f"{type(error).__name__} at {place_of(error)}"
                self.report.failed.append((collection, name, why))
                return False

        if ids:
            done = sum(self.pool.map(one, ids))
            self.report.mended[collection] += done

    def _keep(self, kept: Snapshot, cuts: Cuts) -> None:
        if cuts == Cuts.from_data(kept.fields):
            return
        data = cuts.to_data()
        write = Replace(kept.path, data, kept.version) if kept.exists else Create(kept.path, data)
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

    def teach(self, cuts: Cuts, size: int) -> Cuts:
        """Give the cuts with those that a walk of the rest has found."""
        found = list(self.ids[size::size])
        if self.following is not None:
            found.append(self.following)
        return cuts.with_cuts(found, complete=self.finished)
