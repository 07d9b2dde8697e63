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
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from crm.directory import UserIdentity
from crm.documents import BY_ID, Clause, Create, Query, Replace, Snapshot
from crm.errors import Conflict, place_of
from crm.identity import prefix_of
from crm.jobs import Enqueue, hand_over, stale
from crm.planning import IDENTITIES, ORDERS, QUARANTINE, SWEEP
from crm.quarantine import look_again
from crm.runner import Runner
from crm.slices import Cuts, Range, between, share_of_keys, size_of
from crm.sync import Sync

T = TypeVar("T")

EVERY: Final = timedelta(minutes=10)
"""How often the scheduler calls: a round of all 400 slices takes some three days."""

COUNTED: Final = 1_000
"""Documents that are counted together: Firestore bills one read for each 1,000."""

PAGE: Final = 500
"""Documents that are held in memory at a time."""

HANDFUL: Final = 25
"""Unproven addresses, and quarantined documents, that one run looks at, about."""

ALL: Final[Range] = (None, None)


@dataclass
class Report:
    """What a sweep found.

    Attributes:
        off: Collection to by how many documents the counts differed.
        looked: Collection to documents compared.
        mended: Collection to documents for which something was written.
        failed: What could not be mended: collection, id, and why, without values.
        restarted: Jobs that had stopped.
        finished: Whether the time was enough; else the next run finds the rest.
    """

    off: dict[str, int] = field(default_factory=dict)
    looked: dict[str, int] = field(default_factory=dict)
    mended: dict[str, int] = field(default_factory=dict)
    failed: list[tuple[str, str, str]] = field(default_factory=list)
    restarted: int = 0
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
    orders, users = runner.settings.orders.path, runner.settings.users.path
    sides = (
        _Side(users, IDENTITIES, ("live", "==", True), "uid", sync.sync_user),
        _Side(orders, ORDERS, ("deleted", "==", False), BY_ID[0], sync.sync_order),
    )
    with ThreadPoolExecutor(threads) as pool:
        run = _Run(runner, report, pool, clock, clock() + seconds, _turn(runner.now()))
        for side in sides:  # users first, so that orders find them
            run.compare(side)
        run.claims(sync)
        run.quarantined(sync)
    for job_id in run.insist(lambda: stale(runner.store, runner.now())):
        hand_over(enqueue, job_id)
        report.restarted += 1
    report.finished = not run.over
    return report


def _turn(now: datetime) -> int:
    return int(now.timestamp() // EVERY.total_seconds())


@dataclass(frozen=True)
class _Side:
    """A collection of the host, and what CRM-Lite knows of it.

    Attributes:
        path: The collection.
        known_in: Where its documents are accounted for.
        live: Of those, the ones whose document is there.
        key: The field there that holds the document's id.
        handle: Brings CRM-Lite up to one document; says whether anything was written.
    """

    path: str
    known_in: str
    live: Clause
    key: str
    handle: Callable[[str], bool]

    def documents(self, ids: Range, limit: int | None = None) -> Query:
        """What the host has."""
        where = between(BY_ID[0], ids)
        return Query(self.path, where, BY_ID, limit, keys_only=True)

    def known(self, ids: Range, limit: int | None = None) -> Query:
        """What CRM-Lite knows to be there."""
        where = (self.live, *between(self.key, ids))
        return Query(self.known_in, where, (self.key, "asc"), limit)

    def id_of(self, row: Snapshot) -> str:
        """The id of the document that a row is about."""
        name: str = row.id if self.key == BY_ID[0] else row.fields[self.key]
        return name


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

    def compare(self, side: _Side) -> None:
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
        """Look at users again whose address was not proven: it may be by now."""
        total = self.count(Query(IDENTITIES, (("claimed", ">=", ""),)))
        turns = max(1, -(-total // HANDFUL))
        low, high = share_of_keys(prefix_of("e"), self.turn, turns)
        where = between("claimed", (low or "", high))
        waiting = []
        for row in self.find(Query(IDENTITIES, where, ("claimed", "asc"))) if total else []:
            user = UserIdentity.from_data(row.fields)
            if user.live and not user.conflict and user.claimed not in user.keep_apart:
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

    def _off(self, side: _Side, ids: Range) -> int:
        return abs(self.count(side.documents(ids)) - self.count(side.known(ids)))

    def _walk(self, side: _Side, ids: Range, most: int | None = None) -> _Walked:
        """Compare a range document by document, and mend it; at most `most` documents of it."""
        low, high = ids
        seen: list[str] = []
        while not self.over:
            limit = PAGE if most is None else min(PAGE, most - len(seen))
            page = self.find(side.documents((low, high), limit + 1))
            following = page[limit].id if len(page) > limit else None
            page = page[:limit]
            upto = high if following is None else following
            self._mend(side.path, side.handle, self._stale(side, page, (low, upto)))
            seen += [document.id for document in page]
            self.report.looked[side.path] = self.report.looked.get(side.path, 0) + len(page)
            if following is None:
                return _Walked(seen)
            low = following
            if len(seen) == most:
                break
        return _Walked(seen, low, finished=False)

    def _stale(self, side: _Side, page: Sequence[Snapshot], ids: Range) -> list[str]:
        """Say which documents are missing there, older there, or there alone."""
        known = {side.id_of(row): row.fields["version"] for row in self._known(side, ids)}
        there = {document.id: document.version for document in page}
        behind = [name for name, version in there.items() if known.get(name, -1) < version]
        return behind + [name for name in known if name not in there]

    def _known(self, side: _Side, ids: Range) -> Iterator[Snapshot]:
        low, high = ids
        while True:
            rows = self.find(side.known((low, high), PAGE + 1))
            yield from rows[:PAGE]
            if len(rows) <= PAGE:
                return
            low = side.id_of(rows[PAGE])

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
            self.report.mended[collection] = self.report.mended.get(collection, 0) + done

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
