"""A job, and its kind: what is done step by step, and what is cut for many to do at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

from crm.core.errors import Refusal
from crm.core.roles import Role
from crm.db.codec import StoredById, kept
from crm.db.collections import JOBS
from crm.db.documents import Data, Write
from crm.db.ranges import Range
from crm.db.runner import Runner
from crm.db.transaction import Transaction
from crm.jobs.progress import Progress as Progress
from crm.jobs.progress import added, joined, later
from crm.jobs.slices import Slice, slice_path

State = Literal["queued", "running", "done", "failed"]

Resumes = Literal["cursor", "start", "afresh"]

OPEN: Final = ("queued", "running")

INTERNAL: Final = frozenset({"arguments", "actor", "cursor", "phase", "left", "lanes", "notBefore"})
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
        phase: Which of its kind's phases is under way; None before the first one is cut.
        left: The numbers of that phase's slices that are not over, or not added up here yet.
        lanes: How many of the phase's slices are worked at, at a time (see `fan_out`).
        not_before: When its next step may begin; None for at once. Once it is cut into slices,
            theirs count.
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
    phase: int | None = field(default=None, metadata=kept(added_later=True))
    left: tuple[int, ...] = field(default=(), metadata=kept(added_later=True))
    lanes: int = field(default=1, metadata=kept(added_later=True))
    not_before: datetime | None = field(default=None, metadata=kept(added_later=True))

    @property
    def path(self) -> str:
        """Where its document is."""
        return path_of(self.id)

    @property
    def slice_paths(self) -> list[str]:
        """Where the slices are that are left."""
        phase = self.phase
        return [] if phase is None else [slice_path(self.id, phase, one) for one in self.left]

    @property
    def over(self) -> bool:
        """Whether no step is left."""
        return self.state not in OPEN

    def after(self, progress: Progress, now: datetime) -> Job:
        """Return the job as a step leaves it."""
        job = replace(
            self,
            state="running",
            done=self.done + progress.done,
            total=self.total if progress.total is None else progress.total,
            cursor=progress.cursor,
            result=added(self.result, progress.counts),
            drift=joined(self.drift, progress.drift),
            not_before=progress.not_before,
            updated_at=later(self.updated_at, now),
        )
        return job.finished(now) if progress.finished else job

    def finished(self, now: datetime) -> Job:
        """Return the job when all is done."""
        moment = later(self.updated_at, now)
        return replace(
            self, state="done", arguments={}, cursor=None, phase=None, left=(), updated_at=moment
        )

    def cut(
        self, phase: int, numbers: Sequence[int], lanes: int, total: int | None, now: datetime
    ) -> Job:
        """Return the job as it begins a phase."""
        return replace(
            self,
            state="running",
            phase=phase,
            left=tuple(numbers),
            lanes=lanes,
            total=self.total if total is None else total,
            updated_at=later(self.updated_at, now),
        )

    def with_counts(self, one: Slice, now: datetime) -> Job:
        """Return the job with what a slice has counted; one that is over is no longer `left`."""
        over = one.state == "over"
        return replace(
            self,
            done=self.done + one.done,
            result=added(self.result, one.counts),
            drift=joined(self.drift, one.drift),
            left=tuple(n for n in self.left if not (over and n == one.number)),
            updated_at=later(self.updated_at, now),
        )

    def next_in_lane(self, lane: int, behind: int = -1) -> int | None:
        """Return the first slice of a lane that is left; only one behind a number, if given."""
        some = (n for n in self.left if n % self.lanes == lane % self.lanes and n > behind)
        return min(some, default=None)

    def failed(self, error: str, now: datetime, resumes: Resumes) -> Job:
        """Return the job as it is given up."""
        cursor = self.cursor if resumes == "cursor" else None
        moment = later(self.updated_at, now)
        return replace(self, state="failed", error=error, cursor=cursor, updated_at=moment)

    def again(self, actor: str, now: datetime, resumes: Resumes) -> Job:
        """Return the failed job as a retry takes it up."""
        moment = later(self.updated_at, now)
        job = replace(self, state="queued", error=None, actor=actor, updated_at=moment)
        return replace(job, done=0, result={}, drift=()) if resumes == "afresh" else job

    def shown(self) -> dict[str, object]:
        """Return it as answers show it."""
        public = {key: value for key, value in self.to_data().items() if key not in INTERNAL}
        return {"jobId": self.id, **public}


Step = Callable[[Runner, Job], Progress]
"""One step of a kind of job: at most about 20 seconds of work.

Raises:
    Conflict, Transient: Not now: the same step is tried again.
    Refusal: The job cannot be done: it fails with the refusal's reason.
"""


@dataclass(frozen=True, slots=True)
class Cut:
    """How a phase is cut.

    Attributes:
        bounds: One range for each slice, at most `slices.MOST` of them; none where nothing is to
            be done. Ranges must not overlap where a piece of work must be done, or counted, once.
        total: Pieces of work of the job in all, where they are known now.
    """

    bounds: Sequence[Range]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a job's work that begins when all of the part before is over.

    Attributes:
        cut: Cuts it, given the job as the phase before left it. It only reads: whoever cuts may be
            one of two, or die, and then it is cut again. How many slices: a few for each lane keep
            the lanes level (`fan_out.pieces` says how many). `cuts` cuts a range of ids evenly.
            What it raises is what a step raises.
        step: Takes one step of a slice: at most about 20 seconds of work, as `Step`. The job's
            `cursor`, `done` and `result` are not the slice's: `Slice.cursor` is where it goes on.
    """

    cut: Callable[[Runner, Job], Cut]
    step: Callable[[Runner, Job, Slice], Progress]


def _nothing(_tx: Transaction, _job: Job) -> list[Write]:
    return []


def _nobody(_runner: Runner, _job: Job) -> list[Write]:
    return []


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job.

    Attributes:
        step: Takes one step. Of a kind with phases: one of those before the first phase is cut,
            which a call takes itself, so that little work is done at once (`run.run`). What
            they leave is cut: `Phase.cut` finds where they stopped in `Job.cursor`.
        role: The lowest role that may begin it; the same may cancel and retry it.
        cancellable: Whether it may be cancelled: what it has done by then is right by itself.
        resumes: Where a retry of a failed job goes on. `cursor`: where the job was. `start`: with
            what is left, from the beginning. `afresh`: with everything, and its counts begin anew.
        on_retry: What a retry writes besides; refuses what cannot be gone on with any more.
        on_failure: What is written besides when a job fails, given the job as it is then: it may
            read, and must not fail itself.
        phases: What many workers do at once, one phase after the other; none for work that one
            worker does, step after step.
    """

    step: Step
    role: Role
    cancellable: bool
    resumes: Resumes
    on_retry: Callable[[Transaction, Job], list[Write]] = _nothing
    on_failure: Callable[[Runner, Job], list[Write]] = _nobody
    phases: Sequence[Phase] = ()


Kinds = Mapping[str, Kind]

Later = Callable[[str, float], bool]
"""Has a worker look at a job, or at a slice, by its id, after so many seconds. False where the
queue cannot wait, and nothing was done; `Transient` where it does not take it."""

Enqueue = Callable[[str], None]
"""Has a worker look at a job, or at a slice (`slices.slice_id`), by its id; `Transient` where the
queue does not take it."""


def path_of(job_id: str) -> str:
    """Return the path of a job's document."""
    return f"{JOBS}/{job_id}"


def unknown_kind() -> Refusal:
    """Make the refusal of work that this version does not know."""
    return Refusal("failed-precondition", "unknown-kind", "No worker knows this kind of work.")
