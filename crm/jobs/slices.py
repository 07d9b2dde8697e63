"""A slice: the part of a phase of a job that one worker does.

A phase is cut into ranges of ids, and each is a document of its own. A step commits its writes and
its slice's document together, under the precondition that the slice is where the step began. So
every step is done once or not at all, whatever is delivered twice or dies, and no two slices wait
for each other, as they would if each step wrote the job's document.

A slice's document is there exactly as long as its job names its number as `left`: both are written
by the same commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from crm.db.codec import StoredById, kept
from crm.db.collections import SLICES
from crm.db.documents import Data
from crm.db.ranges import Range
from crm.jobs.progress import Progress, added, joined, later

MOST: Final = 64
"""Slices of one phase at most: all of them fit into one commit, and one answer adds them up."""

SliceState = Literal["queued", "running", "over", "stopped"]
"""`queued`: not begun. `over`: all done, its counts are not in the job yet. `stopped`:
its job has failed, and took over what the slice had counted."""


class Task(NamedTuple):
    """What a task of the queue names: a job, or a slice of it."""

    job_id: str
    phase: int | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Slice(StoredById):
    """A part of a phase.

    Attributes:
        id: Of the job's id, phase and number (see `slice_id`).
        job_id: The job.
        phase: Which of the kind's phases.
        number: Which slice of the phase.
        low: Its first id, or None for no bound.
        high: The first id behind it, or None for no bound.
        started_at: When it was cut (UTC).
        updated_at: When it last got on (UTC).
        state: How far it is.
        holder: The run of a worker that got on last (see `fan_out.work`); before anybody has begun
            it, the task that cut it.
        cursor: Where the next step goes on; None at the beginning. JSON.
        done: Pieces of work done, as far as they are not added to the job yet.
        counts: As `done`: what is not in the job's result yet.
        drift: As `done`: what is not in the job's `drift` yet.
        not_before: When its next step may begin; None for at once.
    """

    id: str
    job_id: str
    phase: int
    number: int
    low: str | None
    high: str | None
    started_at: datetime
    updated_at: datetime
    state: SliceState = "queued"
    holder: str | None = None
    cursor: Any = None
    done: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    drift: tuple[Data, ...] = ()
    not_before: datetime | None = field(default=None, metadata=kept(added_later=True))

    @property
    def path(self) -> str:
        """Where its document is."""
        return f"{SLICES}/{self.id}"

    @property
    def bounds(self) -> Range:
        """Its range of ids."""
        return self.low, self.high

    @property
    def counted(self) -> bool:
        """Whether it has anything that is not added to the job yet."""
        return bool(self.done or self.counts or self.drift)

    def after(self, progress: Progress, now: datetime, holder: str) -> Slice:
        """Return the slice as a step leaves it."""
        return replace(
            self,
            state="over" if progress.finished else "running",
            holder=holder,
            cursor=progress.cursor,
            done=self.done + progress.done,
            counts=added(self.counts, progress.counts),
            drift=joined(self.drift, progress.drift),
            not_before=progress.not_before,
            updated_at=later(self.updated_at, now),
        )

    def folded(self, now: datetime, *, stopped: bool = False) -> Slice:
        """Return the slice when the job has taken over what it had counted."""
        moment = later(self.updated_at, now)
        state: SliceState = "stopped" if stopped else self.state
        return replace(self, state=state, done=0, counts={}, drift=(), updated_at=moment)


def slice_id(job_id: str, phase: int, number: int) -> str:
    """Return the id of a slice; as a task it names that slice."""
    return f"{job_id}-{phase}-{number}"


def slice_path(job_id: str, phase: int, number: int) -> str:
    """Return the path of a slice's document."""
    return f"{SLICES}/{slice_id(job_id, phase, number)}"


def payload_of(task: str) -> dict[str, object]:
    """Return what the queue is given for a task: a job's id, or a slice's."""
    job_id, phase, number = parsed(task)
    if phase is None:
        return {"jobId": job_id}
    return {"jobId": job_id, "phase": phase, "slice": number}


def task_of(payload: object) -> Task | None:
    """Read what the queue was given; None where it names no job."""
    if not isinstance(payload, dict):
        return None
    job_id, phase, number = (payload.get(name) for name in ("jobId", "phase", "slice"))
    if not isinstance(job_id, str) or not job_id or "/" in job_id:
        return None
    if _is_number(phase) and _is_number(number):
        return Task(job_id, phase, number)
    return Task(job_id) if phase is None and number is None else None


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def parsed(task: str) -> Task:
    """Read a task: a job's id, or a slice's."""
    parts = task.rsplit("-", 2)
    if len(parts) == 3 and parts[0] and parts[1].isdecimal() and parts[2].isdecimal():
        return Task(parts[0], int(parts[1]), int(parts[2]))
    return Task(task)
