"""Jobs that lost their worker, and jobs that are long over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from crm.db.collections import JOBS
from crm.db.documents import Clause, Delete, Query, Snapshot, Store
from crm.jobs.job import OPEN

STALE: Final = timedelta(minutes=30)
"""Without progress for so long a job has lost its worker, whatever the queue still tries."""

RETENTION: Final = timedelta(days=90)
"""For so long a job that is over can be looked at, and one that failed be retried."""

EXPIRED_AT_ONCE: Final = 100
"""Jobs that one sweep deletes at most: 14,400 a day."""


def stale(store: Store, now: datetime) -> list[str]:
    """Find jobs that have lost their worker, or never had one: to be handed over again."""
    unfinished = store.find(Query(JOBS, (("state", "in", OPEN),)))
    return [job.id for job in unfinished if _is_stale(job, now)]


def _is_stale(job: Snapshot, now: datetime) -> bool:
    """Return whether a job got on last too long ago; nobody knows of one without a time."""
    moment = job.fields.get("updatedAt")
    return not isinstance(moment, datetime) or moment < now - STALE


def delete_expired(store: Store, now: datetime) -> int:
    """Delete jobs that have been over for long, and say how many; one read finds none.

    Raises:
        Conflict, Transient: Not done; safe to call again.
    """
    where: tuple[Clause, ...] = (("updatedAt", "<", now - RETENTION),)
    found = store.find(Query(JOBS, where, ("updatedAt", "asc"), limit=EXPIRED_AT_ONCE))
    over = [one for one in found if one.fields.get("state") not in OPEN]
    if over:
        store.commit([Delete(one.path, one.version) for one in over])
    return len(over)
