"""What the slices of a job have counted: added up while they go on, folded in when it failed."""

from __future__ import annotations

from dataclasses import replace

from crm.db.diff import replaced
from crm.db.documents import Delete, Store, Write, read_one
from crm.db.retry import RetryPolicy
from crm.db.runner import Runner
from crm.jobs.job import Job, Kinds, path_of
from crm.jobs.slices import Slice


def with_slices(store: Store, job: Job, retry: RetryPolicy) -> Job:
    """Return a job with what its slices have counted by now, as one moment has it.

    Raises:
        Transient: Not answered.
    """

    def added_up() -> Job:
        moment = store.at()
        found = moment.read([job.path])[job.path]
        if found.data is None:
            return job
        now = Job.from_data(job.id, found.data)
        read = moment.read(now.slice_paths).values()
        parts = [Slice.from_data(one.id, one.data) for one in read if one.data is not None]
        counted = [one for one in parts if one.counted]
        times = [one.updated_at for one in counted]
        newest = max([now.updated_at, *times])
        for one in counted:
            now = now.with_counts(one, newest)
        return replace(now, left=(), updated_at=newest)

    return retry.call(added_up) if job.left else job


def settle(runner: Runner, kinds: Kinds, job_id: str) -> None:
    """Fold what the slices of a failed job have counted; of any other job nothing.

    Slices stay where a retry goes on with them, else they are deleted. Nothing happens the second
    time.

    Raises:
        Conflict, Transient: Not done; safe to call again, and the sweep does.
    """
    runner.retry.call(lambda: _settle(runner, kinds, job_id))


def _settle(runner: Runner, kinds: Kinds, job_id: str) -> None:
    snapshot = read_one(runner.store, path_of(job_id))
    if snapshot.data is None:
        return
    job = Job.from_data(job_id, snapshot.data)
    if not job.over or job.phase is None:
        return
    kind = kinds.get(job.kind)
    found = runner.store.read(job.slice_paths).values()
    goes_on = kind is not None and kind.resumes == "cursor" and all(one.exists for one in found)
    settled = job
    writes: list[Write] = []
    now = runner.now()
    for one in found:
        if one.data is None:
            continue
        part = Slice.from_data(one.id, one.data)
        if part.counted or part.state == "over":
            settled = settled.with_counts(part, now)
        if not goes_on or part.state == "over":
            writes.append(Delete(one.path, one.version))
        elif part.counted or part.state != "stopped":
            writes.append(replaced(one, part.folded(now, stopped=True).to_data()))
    if not goes_on:
        settled = replace(settled, phase=None, left=(), cursor=None)
    if writes or settled != job:
        runner.store.commit([replaced(snapshot, settled.to_data()), *writes])
