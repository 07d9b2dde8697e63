"""Looking at long work, stopping it, and taking up again what stopped.

A stop and a retry are one commit on the job's document. A step commits under the precondition that
the job is where the step began, so a worker in the middle of one loses it, and reads the job again.
A slice's step that is under way may still be committed: it is counted, and the slice stops then
(`fan_out`).
"""

from __future__ import annotations

from typing import Final

from crm.audit import trail as audit
from crm.core.errors import Conflict, Refusal
from crm.core.roles import Role, at_least
from crm.db.diff import replaced
from crm.db.documents import Snapshot, Store, Write, read_one
from crm.db.retry import RetryPolicy
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.jobs.job import Enqueue, Job, Kind, Kinds, path_of, unknown_kind
from crm.jobs.run import enqueue_job
from crm.jobs.settling import settle, with_slices

CANCELLED: Final = "cancelled"
"""The `error` of a job that staff stopped."""


def get_job(store: Store, job_id: str, retry: RetryPolicy) -> dict[str, object]:
    """Return how far a job is.

    Raises:
        Refusal: `not-found` (`no-such-job`).
        Transient: Not answered before the deadline.
    """
    snapshot = retry.call(lambda: read_one(store, path_of(job_id)))
    return {"job": with_slices(store, _known(snapshot), retry).shown()}


def cancel(runner: Runner, kinds: Kinds, role: Role | None, job_id: str) -> dict[str, object]:
    """Stop a job; what it has done stays done. Once more answers the same.

    Args:
        runner: Carries the plan out, in the caller's name.
        kinds: Says what may be stopped, and by whom.
        role: The caller's.
        job_id: The job.

    Returns:
        `job`, as `get_job` answers it.

    Raises:
        Refusal: `not-found` (`no-such-job`); `permission-denied` (`role`); `failed-precondition`
            (`job-over`, `job-must-end`, `unknown-kind`).
        Conflict, Transient: Not done before the deadline; safe to call again.
    """

    def plan(tx: Transaction) -> Plan[Job]:
        job, kind = _job(tx, kinds, role, job_id)
        if job.error == CANCELLED:  # perhaps by a commit whose answer was lost
            return Plan([], job)
        if job.over:
            text = "The job is over, so there is nothing to cancel: `get_job` says how it ended."
            raise Refusal("failed-precondition", "job-over", text)
        if not kind.cancellable:
            text = "Work of this kind must not be left half done: wait until it is over."
            raise Refusal("failed-precondition", "job-must-end", text)
        stopped = job.failed(CANCELLED, tx.now, kind.resumes)
        return _changed(tx, stopped, "job.cancel", [])

    done, _ = runner.run(plan)
    return {"job": _settled(runner, kinds, done.result).shown()}


def retry(
    runner: Runner, enqueue: Enqueue, kinds: Kinds, role: Role | None, job_id: str
) -> dict[str, object]:
    """Take a failed job up again, in the caller's name. Any other job stays as it is.

    Args:
        runner: Carries the plan out, in the caller's name.
        enqueue: Has a worker look at the job.
        kinds: Says where it goes on, and who may have it done.
        role: The caller's.
        job_id: The job.

    Returns:
        `job`, as `get_job` answers it.

    Raises:
        Refusal: `not-found` (`no-such-job`, `no-such-tag`); `permission-denied` (`role`);
            `failed-precondition` (`tag-busy`, `unknown-kind`).
        Conflict, Transient: Not done before the deadline; safe to call again.
    """

    def plan(tx: Transaction) -> Plan[Job]:
        job, kind = _job(tx, kinds, role, job_id)
        if job.state != "failed":  # perhaps since a commit whose answer was lost
            return Plan([], job)
        if job.left and kind.resumes != "cursor":
            raise Conflict("what the slices of the job had counted is not added up yet")
        writes = kind.on_retry(tx, job)
        again = job.again(tx.actor, tx.now, kind.resumes)
        return _changed(tx, again, "job.retry", writes)

    settle(runner, kinds, job_id)
    done, _ = runner.run(plan)
    if not done.result.over:
        enqueue_job(enqueue, job_id)
    return {"job": with_slices(runner.store, done.result, runner.retry).shown()}


def _settled(runner: Runner, kinds: Kinds, job: Job) -> Job:
    """Return a job that was stopped, with what its slices had counted."""
    if job.phase is None:
        return job
    settle(runner, kinds, job.id)
    return Job.from_data(job.id, runner.read_one(job.path).fields)


def _known(snapshot: Snapshot) -> Job:
    """Read a job's document.

    Raises:
        Refusal: `not-found` (`no-such-job`).
    """
    if snapshot.data is None:
        raise Refusal("not-found", "no-such-job", "No job has this id: check it.")
    return Job.from_data(snapshot.id, snapshot.data)


def _job(tx: Transaction, kinds: Kinds, role: Role | None, job_id: str) -> tuple[Job, Kind]:
    """Return a job that the caller may stop and take up, and its kind."""
    job = _known(tx.document(path_of(job_id)))
    kind = kinds.get(job.kind)
    if kind is None:
        raise unknown_kind()
    at_least(role, kind.role)
    return job, kind


def _changed(tx: Transaction, job: Job, action: str, writes: list[Write]) -> Plan[Job]:
    document = replaced(tx.document(job.path), job.to_data())
    entry = audit.record(tx, action, job=job.id)
    return Plan([document, *writes, *entry], job)
