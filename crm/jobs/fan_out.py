"""Fanning out: the phases of a job, cut into slices that many workers do at once.

How it goes, each line one commit under the preconditions of all documents that it names:

1. *Cut*: the job begins a phase, and its slices are made.
2. *Step*: a slice goes on, with what the step writes. The job's document is read, not written: a
   document takes about one write a second for long.
3. *Fold*: what a slice has counted goes over into the job. When the slice is over, it is deleted
   and no longer `left`. Before that, the job takes a slice's counts where its document has not got
   on for `BEAT`: so it shows progress, and that the job is alive.
4. Who folds the last slice of a phase cuts the next phase; the last one of all ends the job.

The job and its slices together say at each moment exactly what was done (`settling.with_slices`).

Slices are numbered, and `Job.lanes` of them are worked at, at a time: the first ones get a task
each when the phase is cut, and who ends slice n has the queue call for slice n + lanes. A task may
be late, or come twice: it finds by the documents what is left to do. Of two workers at one slice,
the one that finds the other's run as its `holder` stops.

Where a job fails or is cancelled, in one commit on the job, each slice stops before its next step.
A step that was under way may still be committed: it is right by itself, it is counted, and it is
the last one of its slice. Then `settling.settle` folds what the slices had counted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, TypeVar

from crm.core.errors import ConfigError, Conflict, Refusal, Transient, described
from crm.core.keyring import random_id
from crm.db.diff import replaced
from crm.db.documents import Create, Delete, Path, Snapshot, Store, read_one
from crm.db.runner import Runner
from crm.jobs.job import Cut, Enqueue, Job, Kind, Kinds, Later, Phase, path_of
from crm.jobs.run import INTERNAL_ERROR, run
from crm.jobs.settling import settle
from crm.jobs.slices import MOST, Slice, Task, slice_id, slice_path

log = logging.getLogger(__name__)

BEAT: Final = timedelta(seconds=5)
"""After so long without a commit on a job's document, a slice under way writes it."""

A_LANE: Final = 4
"""Slices for each lane, so that lanes end about together where slices are not alike."""

SHORT: Final = 5.0
"""Seconds that a worker waits itself for what may not begin yet; for longer the queue does."""

DAMAGED: Final = "damaged"
"""The `error` of a job whose slice's document is gone. A retry begins from the start."""

T = TypeVar("T")


def _cannot_wait(_task: str, _seconds: float) -> bool:
    return False


def _damaged() -> Refusal:
    text = "A part of the job is gone: retry it, and it begins from the start."
    return Refusal("failed-precondition", DAMAGED, text)


def pieces(runner: Runner, total: int | None, least: int) -> int:
    """Return into how many slices to cut a phase.

    Args:
        runner: Its settings say how many workers a job has.
        total: Pieces of work, where it is known.
        least: Pieces of work for which a slice of its own is worth while, such as those of a step.
    """
    most = min(MOST, runner.settings.jobs.workers * A_LANE)
    return most if total is None else max(1, min(most, -(-total // least)))


def work(
    runner: Runner,
    kinds: Kinds,
    enqueue: Enqueue,
    task: Task,
    seconds: float,
    later: Later = _cannot_wait,
) -> None:
    """Do what a task of the queue is for, and enqueue what is to follow.

    Args:
        runner: Carries plans out; each step acts in the name of who asked for the job.
        kinds: What to do for each kind.
        enqueue: See `job.Enqueue`.
        task: A job: it is begun or looked after, and what is left of it is enqueued. Or a slice:
            its steps are taken until it is over, or time is.
        seconds: No step begins after so long.
        later: As `enqueue`, for work whose time has not come yet.

    Raises:
        Conflict, Transient, ConfigError: Not done; everything stays as it is, and the same task
            can come again.
    """
    _Work(runner, kinds, enqueue, later, runner.retry.clock() + seconds).do(task)


_Next = Literal["again", "follow", "enough", "wait"]


@dataclass(frozen=True)
class _Place:
    """A slice with its job, as they were read."""

    job: Job
    part: Slice
    of_job: Snapshot
    of_part: Snapshot


def _name(task: Task) -> str:
    """Return a task as the queue is given it."""
    job_id, phase, number = task
    return job_id if phase is None or number is None else slice_id(job_id, phase, number)


class _Work:
    """One run of a worker."""

    def __init__(
        self, runner: Runner, kinds: Kinds, enqueue: Enqueue, later: Later, end: float
    ) -> None:
        self._runner, self._kinds, self._end = runner, kinds, end
        self._enqueue, self._later = enqueue, later
        self._store = runner.store
        self._holder = random_id()
        self._stepped = False
        self._not_before: datetime | None = None

    @property
    def _late(self) -> bool:
        return self._runner.retry.clock() >= self._end

    def _call(self, attempt: Callable[[], T]) -> T:
        return self._runner.retry.call(attempt)

    def do(self, task: Task) -> None:
        job_id, phase, number = task
        found = self._call(lambda: self._read(job_id))
        if found is None:
            log.warning("there is no job %s", job_id)
            return
        job, _ = found
        kind = self._kinds.get(job.kind)
        if kind is None or not kind.phases:
            left = max(0.0, self._end - self._runner.retry.clock())
            if not run(self._runner, self._kinds, job_id, left):
                self._enqueue(job_id)
        elif job.over:
            settle(self._runner, self._kinds, job_id)
        elif job.phase is None and not self._is_time(_name(task), job.not_before):
            return
        elif job.phase is None or not job.left:
            self._advance(task, kind)
        elif phase is None or number is None:
            self._hand_over(job)
        elif phase == job.phase and number in job.left:
            self._go_on(job, kind, phase, number)
        elif phase == job.phase:
            self._hand_over_unbegun(job, [job.next_in_lane(number, number)])
        elif phase < job.phase:
            # It may have cut this phase and died then. Of any other task it is a copy: if those
            # enqueued what waits in the queue, each phase would have several times more copies.
            heads = [job.next_in_lane(lane) for lane in range(job.lanes)]
            self._hand_over_unbegun(job, heads, cut_by=_name(task))

    def _read(self, job_id: str) -> tuple[Job, Snapshot] | None:
        snapshot = read_one(self._store, path_of(job_id))
        return None if snapshot.data is None else (Job.from_data(job_id, snapshot.data), snapshot)

    def _is_time(self, task: str, moment: datetime | None) -> bool:
        """Return whether work may begin, after a short wait perhaps; else it is called later."""
        seconds = 0.0 if moment is None else (moment - self._runner.now()).total_seconds()
        if seconds <= 0:
            return True
        retry = self._runner.retry
        if seconds > SHORT and self._later(task, seconds):
            return False
        retry.sleep(max(0.0, min(seconds, self._end - retry.clock())))
        if self._late:
            self._enqueue(task)
            return False
        return True

    # Cutting

    def _advance(self, task: Task, kind: Kind) -> None:
        """Cut the next phase in which there is anything to do, or end the job."""
        job = self._call(lambda: self._cut(task, kind))
        if job is not None:
            self._hand_over(job)

    def _cut(self, task: Task, kind: Kind) -> Job | None:
        job_id = task.job_id
        found = self._read(job_id)
        if found is None:
            return None
        job, snapshot = found
        if job.over or job.left:
            return job  # another worker was faster
        try:
            after, parts = self._next_phase(job, kind)
        except (Conflict, Transient, ConfigError):
            raise
        except Exception as error:
            self._give_up(job_id, kind, error)
            return None
        mine = [replace(one, holder=_name(task)) for one in parts]
        made = [Create(one.path, one.to_data()) for one in mine]
        self._store.commit([replaced(snapshot, after.to_data()), *made])
        return after

    def _next_phase(self, job: Job, kind: Kind) -> tuple[Job, Sequence[Slice]]:
        now = self._runner.now()
        for number in range(0 if job.phase is None else job.phase + 1, len(kind.phases)):
            cut = kind.phases[number].cut(replace(self._runner, actor=job.actor), job)
            if cut.total is not None:
                job = replace(job, total=cut.total)
            if cut.bounds:
                return self._sliced(job, number, cut)
        return job.finished(now), ()

    def _sliced(self, job: Job, phase: int, cut: Cut) -> tuple[Job, Sequence[Slice]]:
        if len(cut.bounds) > MOST:
            raise ValueError(f"a phase has at most {MOST} slices: cut it into fewer")
        now = self._runner.now()
        parts = [
            Slice(slice_id(job.id, phase, n), job.id, phase, n, low, high, now, now)
            for n, (low, high) in enumerate(cut.bounds)
        ]
        lanes = min(self._runner.settings.jobs.workers, len(parts))
        return job.cut(phase, range(len(parts)), lanes, cut.total, now), parts

    # Handing over

    def _hand_over(self, job: Job) -> None:
        """Enqueue the first slice that is left of every lane."""
        for lane in range(job.lanes):
            number = job.next_in_lane(lane)
            if job.phase is not None and number is not None:
                self._enqueue(slice_id(job.id, job.phase, number))

    def _hand_over_unbegun(
        self, job: Job, numbers: Sequence[int | None], cut_by: str | None = None
    ) -> None:
        """Enqueue those of these slices that nobody has begun: who was to do so may have died.

        With `cut_by` only those that this task has cut.
        """
        for number in numbers:
            if job.phase is None or number is None:
                continue
            path = slice_path(job.id, job.phase, number)
            found = self._call(lambda path=path: read_one(self._store, path))  # type: ignore[misc]
            mine = cut_by is None or found.fields.get("holder") == cut_by
            if mine and found.fields.get("state") in ("queued", "stopped"):
                self._enqueue(found.id)

    # One slice

    def _go_on(self, job: Job, kind: Kind, phase: int, number: int) -> None:
        """Take a slice's steps, and enqueue what follows."""
        task = slice_id(job.id, phase, number)
        while True:
            follows = self._call(lambda: self._turn(job.id, kind, phase, number))
            if follows == "enough":
                return
            if follows == "wait" and not self._is_time(task, self._not_before):
                return
            if follows == "follow":
                self.do(Task(job.id, phase, number))  # as if it came late
                return
            if self._late:
                self._enqueue(task)
                return

    def _turn(self, job_id: str, kind: Kind, phase: int, number: int) -> _Next:
        """Take a step, or fold what was counted; say what follows."""
        place = self._find(job_id, kind, phase, number)
        if place is None:
            return "follow"
        if self._stepped and place.part.holder != self._holder:
            return "enough"  # another worker is at it
        if place.part.state == "over":
            self._fold(place, kind)
            return "follow"
        if place.part.counted and place.job.updated_at < self._runner.now() - BEAT:
            return self._beat(place)
        if place.part.not_before and place.part.not_before > self._runner.now():
            self._not_before = place.part.not_before
            return "wait"
        return self._step(place, kind.phases[phase], kind)

    def _find(self, job_id: str, kind: Kind, phase: int, number: int) -> _Place | None:
        """Read a slice and its job; None where it is not to be gone on with."""
        paths = [path_of(job_id), slice_path(job_id, phase, number)]
        of_job, of_part = self._read_both(paths)
        if of_job.data is None:
            return None
        job = Job.from_data(job_id, of_job.data)
        if job.over or job.phase != phase or number not in job.left:
            return None
        if of_part.data is None:
            of_job, of_part = self._read_both(paths, self._store.at())  # not of two moments
            again = Job.from_data(job_id, of_job.data) if of_job.data is not None else job
            if of_part.data is None:
                if not again.over and again.phase == phase and number in again.left:
                    self._give_up(job_id, kind, _damaged())
                return None
            job = again
        return _Place(job, Slice.from_data(of_part.id, of_part.data), of_job, of_part)

    def _read_both(
        self, paths: Sequence[Path], store: Store | None = None
    ) -> tuple[Snapshot, Snapshot]:
        found = (store or self._store).read(paths)
        return found[paths[0]], found[paths[1]]

    def _step(self, place: _Place, phase: Phase, kind: Kind) -> _Next:
        job, part = place.job, place.part
        try:
            progress = phase.step(replace(self._runner, actor=job.actor), job, part)
            after = part.after(progress, self._runner.now(), self._holder)
            self._store.commit([replaced(place.of_part, after.to_data()), *progress.writes])
        except (Conflict, Transient, ConfigError):
            raise
        except Exception as error:
            self._give_up(job.id, kind, error)
            return "enough"
        self._stepped = True
        return "again"

    # Folding

    def _fold(self, place: _Place, kind: Kind) -> None:
        """Take a slice that is over off its job; the last one of all ends the job."""
        after = place.job.with_counts(place.part, self._runner.now())
        if not after.left and place.part.phase + 1 == len(kind.phases):
            after = after.finished(self._runner.now())
        gone = Delete(place.of_part.path, place.of_part.version)
        self._store.commit([replaced(place.of_job, after.to_data()), gone])

    def _beat(self, place: _Place) -> _Next:
        """Have the job take over what the slice has counted, unless somebody else just did so."""
        now = self._runner.now()
        job, part = place.job.with_counts(place.part, now), place.part.folded(now)
        writes = [(place.of_job, job.to_data()), (place.of_part, part.to_data())]
        self._store.commit([replaced(was, data) for was, data in writes])
        return "again"

    def _give_up(self, job_id: str, kind: Kind, error: Exception) -> None:
        """Fail the job: no slice begins another step."""
        reason = error.reason if isinstance(error, Refusal) else INTERNAL_ERROR
        what = reason if isinstance(error, Refusal) else described(error)
        log.error("job %s failed: %s", job_id, what)

        def failed() -> None:
            found = self._read(job_id)
            if found is not None and not found[0].over:
                job = found[0].failed(reason, self._runner.now(), kind.resumes)
                more = kind.on_failure(self._runner, job)
                self._store.commit([replaced(found[1], job.to_data()), *more])

        self._call(failed)
        settle(self._runner, self._kinds, job_id)
