"""Jobs that lost their worker, and jobs that are long over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from crm.db.collections import JOBS, SLICES
from crm.db.documents import Clause, Delete, Query, Snapshot, Store
from crm.jobs.job import OPEN, Job

STALE: Final = timedelta(minutes=30)
"""Without progress for so long a job has lost its worker, whatever the queue still tries."""

OVERDUE: Final = timedelta(minutes=2)
"""So long after its time a job that was to wait has lost its task."""

RETENTION: Final = timedelta(days=90)
"""For so long a job that is over can be looked at, and one that failed be retried."""

EXPIRED_AT_ONCE: Final = 100
"""Jobs that one sweep deletes at most: 14,400 a day."""

OPEN_SLICES: Final = ("queued", "running", "over")

SLICES_AT_ONCE: Final = 1_000
"""Slices that one sweep looks at, at most: those of 15 jobs."""


def stale(store: Store, now: datetime) -> list[str]:
    """Find jobs that have lost their worker, or never had one: to be handed over again.

    Also those that are over and have slices that do not know it: their worker died before.
    """
    unfinished = store.find(Query(JOBS, (("state", "in", OPEN),)))
    going = {job.id for job in unfinished}
    parts = store.find(Query(SLICES, (("state", "in", OPEN_SLICES),), limit=SLICES_AT_ONCE))
    old = {str(one.fields.get("jobId")) for one in parts if _is_stale(one, now)}
    lost = [job.id for job in unfinished if _is_stale(job, now)]
    return [*lost, *sorted(old - going)]


def _is_stale(job: Snapshot, now: datetime) -> bool:
    """Return whether a job or a slice got on too long ago; nobody knows of one without a time.

    One that is to wait has time from then on.
    """
    moment, due = job.fields.get("updatedAt"), job.fields.get("notBefore")
    if not isinstance(moment, datetime):
        return True
    if isinstance(due, datetime) and moment < due:
        return due < now - OVERDUE
    return moment < now - STALE


def delete_expired(store: Store, now: datetime) -> int:
    """Delete jobs that have been over for long, and say how many; one read finds none.

    Raises:
        Conflict, Transient: Not done; safe to call again.
    """
    where: tuple[Clause, ...] = (("updatedAt", "<", now - RETENTION),)
    found = store.find(Query(JOBS, where, ("updatedAt", "asc"), limit=EXPIRED_AT_ONCE))
    over = [one for one in found if one.fields.get("state") not in OPEN]
    for some in _batches(over):
        parts = [Delete(path) for one in some for path in _slices_of(one)]
        store.commit([*(Delete(one.path, one.version) for one in some), *parts])
    return len(over)


def _batches(jobs: Sequence[Snapshot]) -> Iterator[Sequence[Snapshot]]:
    """Yield jobs without slices together, and each that has some alone."""
    yield [one for one in jobs if not _slices_of(one)]
    yield from ([one] for one in jobs if _slices_of(one))


def _slices_of(job: Snapshot) -> list[str]:
    return Job.from_data(job.id, job.fields).slice_paths if job.fields.get("left") else []
