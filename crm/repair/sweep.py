"""The sweep: finds and mends what events missed, at a cost that is small where nothing was.

Counts come first, range by range: the host's orders against the live rows of the ledger, its users
against the live identities. Only where they differ are documents looked at. Then come the newest
orders, which change most. Any other change that leaves the counts as they are (a lost edit) is
found by a walk in the background: each run looks at one slice, chosen by the clock, so that a run
which finds nothing writes nothing, not even how far it is.

Before all that, whoever holds tickets of an event that has begun attends it from then on (`begun`).

Everything is mended by the very same sync that events call. So a sweep is safe beside them and
beside another sweep, and may be stopped at any point.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final

from crm.customers.identity import UserIdentity
from crm.db.collections import EVENTS, IDENTITIES, QUARANTINE
from crm.db.documents import BY_ID, Query
from crm.db.runner import Runner, Watch
from crm.jobs.housekeeping import delete_expired, stale
from crm.jobs.job import Enqueue
from crm.jobs.run import enqueue_job
from crm.repair.begun import attend
from crm.repair.comparison import compare, look_at_newest
from crm.repair.events import mend_event
from crm.repair.invariants import EVENT, find_faults
from crm.repair.mirrors import mirrors
from crm.repair.partitions import HEX, Range, in_range, share_of_keys
from crm.repair.shapes import examine
from crm.repair.sweep_run import SweepReport, SweepRun
from crm.sync.quarantine import look_again
from crm.sync.sync import Sync

EVERY: Final = timedelta(minutes=10)
"""How often the scheduler calls: a round of all 576 slices takes four days."""

HANDFUL: Final = 25
"""Unproven addresses, and quarantined documents, that one run looks at, about."""

FEW_EVENTS: Final = 5
"""Events of the catalogue that one run holds to the ledger, about."""


def sweep(
    runner: Runner,
    enqueue: Enqueue,
    *,
    seconds: float = 240.0,
    threads: int = 8,
    clock: Callable[[], float] = time.monotonic,
    watch: Watch | None = None,
) -> SweepReport:
    """Find and mend what was missed.

    Args:
        runner: Carries plans out, and says what time it is.
        enqueue: Has a worker look at a job.
        seconds: After that long, begin nothing more.
        threads: How many documents to mend at a time.
        clock: Seconds.
        watch: Sees who attends an event that has begun; nothing that is mended.

    Raises:
        Transient: The database could not be asked. What a single document meets is reported.
    """
    sync = Sync(runner)
    with ThreadPoolExecutor(threads) as pool:
        run = SweepRun(runner, pool, clock() + seconds, _turn(runner.now()), clock, watch=watch)
        attend(run)
        for mirror in mirrors(sync):
            compare(run, mirror)
            look_at_newest(run, mirror)
        _look_at_claims(run, sync)
        _look_at_quarantined(run, sync)
        _look_at_events(run)
    _tidy_jobs(run, enqueue)
    run.report.finished = not run.over
    return run.report


def _turn(now: datetime) -> int:
    return int(now.timestamp() // EVERY.total_seconds())


def _look_at_claims(run: SweepRun, sync: Sync) -> None:
    """Look at users again whose address was not theirs: it may be proven, or free, by now."""
    total = run.count(Query(IDENTITIES, (("claimed", ">=", ""),)))
    if not total:
        return
    low, high = _share(run, run.runner.keys.prefix_of("e"), total)
    where = in_range("claimed", (low or "", high))
    found = run.find(Query(IDENTITIES, where, ("claimed", "asc")))
    users = [UserIdentity.from_data(row.fields) for row in found if not examine(row).flaws]
    waiting = [one.uid for one in users if one.live and one.claimed not in one.keep_apart]
    users_path = run.runner.settings.users.path
    run.mend(users_path, sync.sync_user, waiting, lambda r, uid: Sync(r).sync_user(uid))


def _look_at_quarantined(run: SweepRun, sync: Sync) -> None:
    """Look at quarantined documents again: what stopped them may be over."""
    total = run.count(Query(QUARANTINE))
    if not total:
        return
    where = in_range(BY_ID[0], _share(run, run.runner.keys.prefix_of("q"), total))
    found = run.find(Query(QUARANTINE, where, BY_ID))
    rows = {row.id: row for row in found if not examine(row).flaws}

    def again(runner: Runner, row_id: str) -> bool:
        return look_again(Sync(runner), rows[row_id])

    run.mend(QUARANTINE, lambda row_id: look_again(sync, rows[row_id]), list(rows), again)


def _look_at_events(run: SweepRun) -> None:
    """Hold some events to their newest orders: who changed a name may have died before that."""
    total = run.count(Query(EVENTS))
    if not total:
        return
    share = share_of_keys("", run.turn, -(-total // FEW_EVENTS), HEX)
    found = run.find(Query(EVENTS, in_range(BY_ID[0], share), BY_ID))
    paths = {path for path, _ in find_faults(run.runner, EVENT, found)}
    wrong = [one.id for one in found if one.path in paths]
    run.mend(EVENTS, lambda name: mend_event(run.runner, name), wrong, mend_event)


def _share(run: SweepRun, prefix: str, total: int) -> Range:
    """Return the share of keys whose turn it is: a handful of so many documents."""
    return share_of_keys(prefix, run.turn, -(-total // HANDFUL))


def _tidy_jobs(run: SweepRun, enqueue: Enqueue) -> None:
    """Hand over jobs that have lost their worker, and delete those that have long been over."""
    store, now = run.runner.store, run.runner.now
    for job_id in run.call(lambda: stale(store, now())):
        enqueue_job(enqueue, job_id)
        run.report.restarted += 1
    run.report.deleted = run.call(lambda: delete_expired(store, now()))
