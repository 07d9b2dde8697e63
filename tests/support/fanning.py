"""A job that touches documents in two phases, for tests of what may happen to slices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from crm.core.roles import Role
from crm.db.collections import JOBS, SLICES
from crm.db.documents import BY_ID, Query, Update
from crm.db.ranges import in_range
from crm.db.runner import Runner
from crm.jobs import control, fan_out
from crm.jobs import run as jobs
from crm.jobs.job import Cut, Job, Kind, Kinds, Phase, Progress, Resumes
from crm.jobs.slices import Slice, parsed, payload_of, task_of
from testing.world import World

KIND = "touch"

TOUCHED = "crmTest"

STAFF = "u1-staff"


def touch(runner: Runner, job: Job, part: Slice) -> Progress:
    """Touch the next two documents of a slice: add one to the number of the phase."""
    after = None if part.cursor is None else (None, part.cursor)
    query = Query(TOUCHED, in_range("__name__", part.bounds), BY_ID, limit=2, after=after)
    found = runner.store.find(query)
    name = f"p{part.phase}"
    writes = [Update(one.path, {name: one.fields[name] + 1}, one.version) for one in found]
    return Progress(
        cursor=found[-1].id if found else None,
        done=len(found),
        counts={f"touched{part.phase}": len(found)},
        finished=len(found) < 2,
        writes=writes,
    )


def cut_at(cuts: Sequence[str]) -> Callable[[Runner, Job], Cut]:
    """Return what cuts a phase at these ids."""
    return lambda _runner, _job: Cut([*pairwise([None, *cuts, None])])


@dataclass
class FanBench:
    """A world with documents that are touched.

    Attributes:
        names: Their ids.
        cuts: Where the phases are cut.
        resumes: Where a retry goes on.
        workers: How many at a time.
    """

    names: Sequence[str] = ("a", "b", "c", "d", "e", "f", "g")
    cuts: Sequence[str] = ("c", "e")
    resumes: Resumes = "cursor"
    workers: int = 2
    step: Callable[[Runner, Job, Slice], Progress] = touch
    world: World = field(init=False)

    def __post_init__(self) -> None:
        self.world = World(settings={"jobs": {"workers": self.workers}})
        self.world.runner = replace(self.world.runner, actor=STAFF)
        for name in self.names:
            self.world.store.put(f"{TOUCHED}/{name}", {"p0": 0, "p1": 0})

    @property
    def kinds(self) -> Kinds:
        def alone(_runner: Runner, job: Job) -> Progress:
            raise AssertionError("no plain step is asked for")

        phases = [Phase(cut_at(self.cuts), self._step), Phase(cut_at(self.cuts[:1]), self._step)]
        kind = Kind(alone, Role.EDITOR, cancellable=True, resumes=self.resumes, phases=phases)
        return {KIND: kind}

    def _step(self, runner: Runner, job: Job, part: Slice) -> Progress:
        return self.step(runner, job, part)

    def start(self) -> str:
        total = 2 * len(self.names)
        runner, enqueue = self.world.runner, self.world.queue.append
        return jobs.start(runner, enqueue, KIND, {}, action="test.touch", total=total)

    def deliver(self, task: str, seconds: float = 60) -> None:
        """What the queue does with a task, through what it is sent as."""
        sent = task_of(payload_of(task))
        assert sent == parsed(task)
        runner = replace(self.world.runner, actor="system")
        fan_out.work(runner, self.kinds, self.world.queue.append, sent, seconds)

    def work(self, seconds: float = 60) -> None:
        """Deliver until nothing is left."""
        for _ in range(1_000):
            if not self.world.queue:
                return
            self.deliver(self.world.queue.pop(0), seconds)
        raise AssertionError("the queue never gets empty")

    def cancel(self, job_id: str) -> dict[str, Any]:
        answer: Any = control.cancel(self.world.runner, self.kinds, Role.EDITOR, job_id)
        return dict(answer["job"])

    def retry(self, job_id: str) -> dict[str, Any]:
        runner, enqueue = self.world.runner, self.world.queue.append
        answer: Any = control.retry(runner, enqueue, self.kinds, Role.EDITOR, job_id)
        return dict(answer["job"])

    def shown(self, job_id: str) -> dict[str, Any]:
        answer: Any = control.get_job(self.world.store, job_id, self.world.runner.retry)
        return dict(answer["job"])

    def document(self, job_id: str) -> dict[str, Any]:
        return self.world.store.all(JOBS)[job_id]

    @property
    def slices(self) -> dict[str, dict[str, Any]]:
        return self.world.store.all(SLICES)

    @property
    def touched(self) -> dict[str, tuple[int, int]]:
        found = self.world.store.all(TOUCHED)
        return {name: (data["p0"], data["p1"]) for name, data in found.items()}
