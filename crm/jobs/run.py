"""Jobs: long work in small steps, which survives whatever ends its worker.

Here a job's steps are taken one after the other, by calls and by workers. What many workers do at
once is cut into slices (`fan_out`).

A step does bounded work behind a cursor. Its writes and the job's progress are one commit under the
job's precondition, so a step is done once or not at all, and of two workers only one goes on. What
a step does besides must do no harm when it is done again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from crm.audit import trail as audit
from crm.core.errors import ConfigError, Conflict, Refusal, Transient, described
from crm.db.diff import replaced
from crm.db.documents import Create, Data, Write, read_one
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.jobs.job import Enqueue, Job, Kinds, path_of, unknown_kind

log = logging.getLogger(__name__)

INTERNAL_ERROR: Final = "internal"
"""The `error` of a job over which our own code failed."""

_After = Literal["over", "open", "waits", "fanned-out"]
"""How a job is after a step."""


def new(
    tx: Transaction, job_id: str, kind: str, arguments: Data, total: int | None = None
) -> tuple[Job, Create]:
    """Return a job for a plan to write, then to be handed over.

    Args:
        tx: The transaction: Says who and when.
        job_id: Made before planning, so that a plan that starts again makes the same job.
        kind: A key of `job_kinds.KINDS`.
        arguments: See `Job`.
        total: Pieces of work in all, where it is known.
    """
    job = Job(job_id, kind, arguments, tx.actor, tx.now, tx.now, total=total)
    return job, Create(job.path, job.to_data())


def start(
    runner: Runner,
    enqueue: Enqueue,
    kind: str,
    arguments: Data,
    *,
    action: str,
    total: int | None = None,
) -> str:
    """Make a job, record who asked for it, and hand it over.

    Args:
        runner: Carries the plan out, in the caller's name.
        enqueue: See `Enqueue`.
        kind: A key of `job_kinds.KINDS`.
        arguments: See `Job`.
        action: What the audit trail calls it, as `noun.verb`.
        total: Pieces of work in all, where it is known.

    Returns:
        The job's id.

    Raises:
        Conflict, Transient: Not started.
    """
    job_id = runner.new_id()

    def plan(tx: Transaction) -> Plan[None]:
        if tx.document(path_of(job_id)).exists:
            return Plan([], None)  # by a commit whose answer was lost
        _, create = new(tx, job_id, kind, arguments, total)
        return Plan([create, *audit.record(tx, action, job=job_id)], None)

    runner.run(plan)
    enqueue_job(enqueue, job_id)
    return job_id


def enqueue_job(enqueue: Enqueue, job_id: str) -> None:
    """Have a worker look at a job; where the queue does not take it, the sweep will."""
    try:
        enqueue(job_id)
    except Transient as error:
        log.error("job %s was not enqueued: %s", job_id, error)


def run(
    runner: Runner, kinds: Kinds, job_id: str, seconds: float, steps: int | None = None
) -> bool:
    """Take a job's steps until it is over, or time is.

    Args:
        runner: Carries plans out; each step acts in the name of who asked for the job.
        kinds: What to do for each kind.
        job_id: The job. One that is not there is over.
        seconds: No step begins after so long.
        steps: How many steps at most; None for any number.

    Returns:
        Whether the job is over. One that is cut into slices, or has to wait, is left to workers.

    Raises:
        Conflict, Transient, ConfigError: A step could not be taken; the job stays as it is.
    """
    end = runner.retry.clock() + seconds
    while True:
        after = runner.retry.call(lambda: _step(runner, kinds, job_id))
        if after != "open":
            return after == "over"
        steps = None if steps is None else steps - 1
        if steps == 0 or runner.retry.clock() >= end:
            return False


def _step(runner: Runner, kinds: Kinds, job_id: str) -> _After:
    """Take one step; say how the job is then."""
    snapshot = read_one(runner.store, path_of(job_id))
    if snapshot.data is None:
        log.warning("there is no job %s", job_id)
        return "over"
    job = Job.from_data(job_id, snapshot.data)
    if job.over:
        return "over"

    kind = kinds.get(job.kind)
    if kind is not None and job.phase is not None:
        return "fanned-out"

    def commit(after: Job, writes: Sequence[Write] = ()) -> _After:
        runner.store.commit([replaced(snapshot, after.to_data()), *writes])
        if after.not_before is not None and not after.over:
            return "waits"
        return "over" if after.over else "open"

    def give_up(error: str) -> _After:
        failed = job.failed(error, runner.now(), kind.resumes if kind else "afresh")
        return commit(failed, kind.on_failure(runner, failed) if kind else ())

    try:
        if kind is None:
            raise unknown_kind()
        progress = kind.step(replace(runner, actor=job.actor), job)
        return commit(job.after(progress, runner.now()), progress.writes)
    except (Conflict, Transient, ConfigError):
        raise
    except Refusal as refusal:
        log.error("job %s failed: %s", job_id, refusal.reason)
        return give_up(refusal.reason)
    except Exception as error:
        log.error("job %s failed: %s", job_id, described(error))
        return give_up(INTERNAL_ERROR)
