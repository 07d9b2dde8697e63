"""Jobs: long work in small steps, which survives whatever ends its worker.

A step does bounded work behind a cursor. Its writes and the job's progress are one commit under the
job's precondition, so a step is done once or not at all, and of two workers only one goes on. What
a step does besides must do no harm when it is done again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from crm.audit import trail as audit
from crm.core.errors import ConfigError, Conflict, Refusal, Transient, place_of
from crm.core.roles import Role
from crm.db.documents import Clause, Create, Data, Delete, Query, Store, Write
from crm.db.runner import Runner
from crm.db.transaction import JOBS, Context, Reading, replaced

log = logging.getLogger(__name__)


State = Literal["queued", "running", "done", "failed"]


Keeps = Literal["place", "counts", "nothing"]


OPEN: Final = ("queued", "running")


STALE: Final = timedelta(minutes=30)
"""Without progress for so long a job has lost its worker, whatever the queue still tries."""


KEPT: Final = timedelta(days=90)
"""For so long a job that is over can be looked at, and one that failed be retried."""


CLEANED: Final = 100
"""Jobs that one sweep deletes at most: 14,400 a day."""


INTERNAL: Final = frozenset({"arguments", "actor", "cursor"})
"""Fields of the document that no answer shows."""


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of long work.

    Attributes:
        id: Random.
        kind: What is to be done, a key of `job_kinds.KINDS`.
        arguments: To what. Ids, counts and codes, no person's data; dropped when the job is done.
        actor: In whose name (see `planning.Context`).
        started_at: When it was asked for (UTC).
        updated_at: When it last got on (UTC).
        state: How far it is.
        done: Pieces of work that are done.
        total: Pieces of work in all, as far as it is known.
        error: Why it failed: a stable code.
        cursor: Where the next step goes on; None at the beginning. JSON, dropped when the job is
            over, unless the job failed and its kind keeps its `place`.
        result: What came of it, in numbers.
        drift: What a check found: rows of a customer's id and the names of its fields.
    """

    id: str
    kind: str
    arguments: Data
    actor: str
    started_at: datetime
    updated_at: datetime
    state: State = "queued"
    done: int = 0
    total: int | None = None
    error: str | None = None
    cursor: Any = None
    result: Mapping[str, int] = field(default_factory=dict)
    drift: tuple[Data, ...] = ()

    @property
    def path(self) -> str:
        """Where its document is."""
        return path_of(self.id)

    @property
    def over(self) -> bool:
        """Whether no step is left."""
        return self.state not in OPEN

    def after(self, progress: Progress, now: datetime) -> Job:
        """Give the job as a step leaves it."""
        names = {**self.result, **progress.counts}
        job = replace(
            self,
            state="running",
            done=self.done + progress.done,
            total=self.total if progress.total is None else progress.total,
            cursor=progress.cursor,
            result={key: self.result.get(key, 0) + progress.counts.get(key, 0) for key in names},
            drift=(*self.drift, *progress.drift),
            updated_at=_later(self.updated_at, now),
        )
        return replace(job, state="done", arguments={}, cursor=None) if progress.finished else job

    def failed(self, error: str, now: datetime, keeps: Keeps) -> Job:
        """Give the job as it is given up."""
        cursor = self.cursor if keeps == "place" else None
        moment = _later(self.updated_at, now)
        return replace(self, state="failed", error=error, cursor=cursor, updated_at=moment)

    def again(self, actor: str, now: datetime, keeps: Keeps) -> Job:
        """Give the failed job as a retry takes it up."""
        moment = _later(self.updated_at, now)
        job = replace(self, state="queued", error=None, actor=actor, updated_at=moment)
        return replace(job, done=0, result={}, drift=()) if keeps == "nothing" else job

    def shown(self) -> dict[str, object]:
        """Give it as answers show it."""
        public = {key: value for key, value in self.to_data().items() if key not in INTERNAL}
        return {"jobId": self.id, **public}

    def to_data(self) -> dict[str, object]:
        """Give the whole document."""
        return {
            "kind": self.kind,
            "state": self.state,
            "done": self.done,
            "total": self.total,
            "error": self.error,
            "startedAt": self.started_at,
            "updatedAt": self.updated_at,
            "result": dict(self.result),
            "drift": list(self.drift),
            "arguments": dict(self.arguments),
            "actor": self.actor,
            "cursor": self.cursor,
        }

    @classmethod
    def from_data(cls, job_id: str, data: Data) -> Job:
        """Read a document."""
        return cls(
            job_id,
            data["kind"],
            data["arguments"],
            data["actor"],
            data["startedAt"],
            data["updatedAt"],
            data["state"],
            data["done"],
            data["total"],
            data["error"],
            data["cursor"],
            data["result"],
            tuple(data["drift"]),
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """What a step has done.

    Attributes:
        cursor: Where the next step goes on (JSON).
        done: Pieces of work that it did.
        total: Pieces of work in all; None where nothing new is known.
        counts: What it adds to the job's result.
        drift: What it adds to the job's `drift`.
        finished: Whether it was the last step.
        writes: What is to be committed together with this progress.
    """

    cursor: Any = None
    done: int = 0
    total: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    drift: Sequence[Data] = ()
    finished: bool = False
    writes: Sequence[Write] = ()


Step = Callable[[Runner, Job], Progress]
"""One step of a kind of job: at most about 20 seconds of work.

Errors:
    Conflict, Transient: Not now: the same step is tried again.
    Refusal: The job cannot be done: it fails with the refusal's reason.
"""


def _nothing(_reading: Reading, _context: Context, _job: Job) -> list[Write]:
    return []


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job.

    Attributes:
        step: Takes one step.
        role: The lowest role that may begin it; the same may cancel and retry it.
        stoppable: Whether it may be cancelled: what it has done by then is right by itself.
        keeps: What a failed job of it keeps for a retry beside its arguments. `place`: it goes on
            at its cursor. `counts`: it goes through what is left from the beginning. `nothing`: it
            looks at everything again, and counts anew.
        again: What a retry writes besides; refuses what cannot be gone on with any more.
    """

    step: Step
    role: Role
    stoppable: bool
    keeps: Keeps
    again: Callable[[Reading, Context, Job], list[Write]] = _nothing


Kinds = Mapping[str, Kind]


Enqueue = Callable[[str], None]
"""Has a worker look at a job; `Transient` where the queue does not take it."""


def path_of(job_id: str) -> str:
    """Give the path of a job's document."""
    return f"{JOBS}/{job_id}"


def new(
    context: Context, job_id: str, kind: str, arguments: Data, total: int | None = None
) -> tuple[Job, Create]:
    """Give a job for a plan to write, then to be handed over.

    Args:
        context: Says who and when.
        job_id: Made before planning, so that a plan that starts again makes the same job.
        kind: A key of `job_kinds.KINDS`.
        arguments: See `Job`.
        total: Pieces of work in all, where it is known.
    """
    job = Job(job_id, kind, arguments, context.actor, context.now, context.now, total=total)
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

    Errors:
        Conflict, Transient: Not started.
    """
    job_id = runner.new_id()

    def plan(reading: Reading, context: Context) -> _Start:
        if reading.document(path_of(job_id)).exists:
            return _Start([])  # by a commit whose answer was lost
        _, create = new(context, job_id, kind, arguments, total)
        return _Start([create, *audit.record(reading, context, action, job=job_id)])

    runner.carry_out(plan)
    hand_over(enqueue, job_id)
    return job_id


@dataclass(frozen=True)
class _Start:
    writes: list[Write]


def hand_over(enqueue: Enqueue, job_id: str) -> None:
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
        Whether the job is over.

    Errors:
        Conflict, Transient, ConfigError: A step could not be taken; the job stays as it is.
    """
    end = runner.patience.clock() + seconds
    while True:
        if runner.patience.insist(lambda: _step(runner, kinds, job_id)):
            return True
        steps = None if steps is None else steps - 1
        if steps == 0 or runner.patience.clock() >= end:
            return False


def _step(runner: Runner, kinds: Kinds, job_id: str) -> bool:
    """Take one step; say whether the job is over."""
    snapshot = runner.store.read([path_of(job_id)])[path_of(job_id)]
    if snapshot.data is None:
        log.warning("there is no job %s", job_id)
        return True
    job = Job.from_data(job_id, snapshot.data)
    if job.over:
        return True

    kind = kinds.get(job.kind)

    def commit(after: Job, writes: Sequence[Write] = ()) -> bool:
        runner.store.commit([replaced(snapshot, after.to_data()), *writes])
        return after.over

    def give_up(error: str) -> bool:
        return commit(job.failed(error, runner.now(), kind.keeps if kind else "nothing"))

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
        log.error("job %s failed: %s at %s", job_id, type(error).__name__, place_of(error))
        return give_up("internal")


def stale(store: Store, now: datetime) -> list[str]:
    """Find jobs that have lost their worker, or never had one: to be handed over again."""
    unfinished = store.find(Query(JOBS, (("state", "in", OPEN),)))
    return [job.id for job in unfinished if job.fields["updatedAt"] < now - STALE]


def clean(store: Store, now: datetime) -> int:
    """Delete jobs that have been over for long, and say how many; one read finds none.

    Errors:
        Conflict, Transient: Not done; safe to call again.
    """
    where: tuple[Clause, ...] = (("updatedAt", "<", now - KEPT),)
    found = store.find(Query(JOBS, where, ("updatedAt", "asc"), limit=CLEANED))
    over = [one for one in found if one.fields["state"] not in OPEN]
    if over:
        store.commit([Delete(one.path, one.version) for one in over])
    return len(over)


def unknown_kind() -> Refusal:
    """Make the refusal of work that this version does not know."""
    return Refusal("failed-precondition", "unknown-kind", "No worker knows this kind of work.")


def _later(before: datetime, now: datetime) -> datetime:
    # A write that changes nothing would leave the version, and with it others' preconditions.
    return max(now, before + timedelta(microseconds=1))
