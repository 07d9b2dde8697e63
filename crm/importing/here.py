"""Doing a job in this process, for a command where no function may be deployed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Final

from crm.core.errors import Conflict, Transient
from crm.db.runner import Runner
from crm.jobs import fan_out
from crm.jobs.job import Job, Kinds, path_of
from crm.jobs.settling import with_slices
from crm.jobs.slices import parsed

_BEAT: Final = 1.0
"""Seconds between two looks at how far it is."""

_FOR_EVER: Final = 7 * 24 * 3600.0


def work_here(
    runner: Runner,
    kinds: Kinds,
    job_id: str,
    threads: int,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Job:
    """Do a job until it is over, by threads in the place of workers.

    Args:
        runner: Carries plans out.
        kinds: What to do for each kind.
        job_id: The job.
        threads: How many slices at a time.
        progress: Told about once a second how much is done, and how much there is.

    Raises:
        Conflict, Transient: Not done; where functions are deployed, they go on with it.
    """
    with ThreadPoolExecutor(threads) as pool:
        waiting: set[Future[None]] = set()

        def enqueue(task: str) -> None:
            waiting.add(pool.submit(fan_out.work, runner, kinds, enqueue, parsed(task), _FOR_EVER))

        enqueue(job_id)
        while waiting:
            done, _ = wait([*waiting], _BEAT, FIRST_COMPLETED)
            for one in done:
                one.result()
            waiting -= done
            job = _job(runner, job_id)
            progress(job.done, job.total or 0)
    return _job(runner, job_id)


def _job(runner: Runner, job_id: str) -> Job:
    job = Job.from_data(job_id, runner.read_one(path_of(job_id)).fields)
    try:
        return with_slices(runner.store, job, runner.retry)
    except (Conflict, Transient):
        return job
