"""A job, its kind, and what a step of it has done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from crm.core.errors import Refusal
from crm.core.roles import Role
from crm.db.codec import StoredById
from crm.db.collections import JOBS
from crm.db.documents import Data, Write
from crm.db.runner import Runner
from crm.db.transaction import Transaction

State = Literal["queued", "running", "done", "failed"]

Resumes = Literal["cursor", "start", "afresh"]

OPEN: Final = ("queued", "running")

INTERNAL: Final = frozenset({"arguments", "actor", "cursor"})
"""Fields of the document that no answer shows."""


@dataclass(frozen=True, slots=True)
class Job(StoredById):
    """A piece of long work.

    Attributes:
        id: Random.
        kind: What is to be done, a key of `job_kinds.KINDS`.
        arguments: To what. Ids, counts and codes, no person's data; dropped when the job is done.
        actor: In whose name (see `transaction.Transaction`).
        started_at: When it was asked for (UTC).
        updated_at: When it last got on (UTC).
        state: How far it is.
        done: Pieces of work that are done.
        total: Pieces of work in all, as far as it is known.
        error: Why it failed: a stable code.
        cursor: Where the next step goes on; None at the beginning. JSON, dropped when the job is
            over, unless the job failed and its kind resumes at the `cursor`.
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
        """Return the job as a step leaves it."""
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

    def failed(self, error: str, now: datetime, resumes: Resumes) -> Job:
        """Return the job as it is given up."""
        cursor = self.cursor if resumes == "cursor" else None
        moment = _later(self.updated_at, now)
        return replace(self, state="failed", error=error, cursor=cursor, updated_at=moment)

    def again(self, actor: str, now: datetime, resumes: Resumes) -> Job:
        """Return the failed job as a retry takes it up."""
        moment = _later(self.updated_at, now)
        job = replace(self, state="queued", error=None, actor=actor, updated_at=moment)
        return replace(job, done=0, result={}, drift=()) if resumes == "afresh" else job

    def shown(self) -> dict[str, object]:
        """Return it as answers show it."""
        public = {key: value for key, value in self.to_data().items() if key not in INTERNAL}
        return {"jobId": self.id, **public}


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

Raises:
    Conflict, Transient: Not now: the same step is tried again.
    Refusal: The job cannot be done: it fails with the refusal's reason.
"""


def _nothing(_tx: Transaction, _job: Job) -> list[Write]:
    return []


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job.

    Attributes:
        step: Takes one step.
        role: The lowest role that may begin it; the same may cancel and retry it.
        stoppable: Whether it may be cancelled: what it has done by then is right by itself.
        resumes: Where a retry of a failed job goes on. `cursor`: where the job was. `start`: with
            what is left, from the beginning. `afresh`: with everything, and its counts begin anew.
        on_retry: What a retry writes besides; refuses what cannot be gone on with any more.
    """

    step: Step
    role: Role
    cancellable: bool
    resumes: Resumes
    on_retry: Callable[[Transaction, Job], list[Write]] = _nothing


Kinds = Mapping[str, Kind]

Enqueue = Callable[[str], None]
"""Has a worker look at a job; `Transient` where the queue does not take it."""


def path_of(job_id: str) -> str:
    """Return the path of a job's document."""
    return f"{JOBS}/{job_id}"


def unknown_kind() -> Refusal:
    """Make the refusal of work that this version does not know."""
    return Refusal("failed-precondition", "unknown-kind", "No worker knows this kind of work.")


def _later(before: datetime, now: datetime) -> datetime:
    # A write that changes nothing would leave the version, and with it others' preconditions.
    return max(now, before + timedelta(microseconds=1))
