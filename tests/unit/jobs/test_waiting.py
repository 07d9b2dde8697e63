"""Work whose time has not come: the queue calls again, or the worker waits a moment itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from crm.core.errors import Refusal
from crm.db.collections import JOBS
from crm.db.documents import Set, Update, Write
from crm.db.runner import Runner
from crm.jobs import fan_out, housekeeping
from crm.jobs.job import Job, Kind, Progress
from crm.jobs.slices import Slice, parsed
from tests.support.fanning import KIND, FanBench, touch
from tests.support.jobs import Bench


@dataclass
class Clock:
    """Time that passes only where somebody waits, for the wall and for the worker alike."""

    bench: FanBench
    passed: float = 0.0
    waits: bool = True
    called: list[tuple[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.begin = self.bench.world.runner.now()

    def now(self) -> datetime:
        return self.begin + timedelta(seconds=self.passed)

    def sleep(self, seconds: float) -> None:
        self.passed += seconds

    def later(self, task: str, seconds: float) -> bool:
        self.called.append((task, seconds))
        return self.waits

    def deliver(self, task: str, seconds: float = 240) -> None:
        retry = replace(self.bench.world.runner.retry, sleep=self.sleep, clock=lambda: self.passed)
        runner = replace(self.bench.world.runner, actor="system", retry=retry, now=self.now)
        enqueue = self.bench.world.queue.append
        fan_out.work(runner, self.bench.kinds, enqueue, parsed(task), seconds, self.later)


def waiting(seconds: float) -> Callable[[Runner, Job, Slice], Progress]:
    """Return a step of which the first one of slice 0 has the next one wait."""

    def step(runner: Runner, job: Job, part: Slice) -> Progress:
        done = touch(runner, job, part)
        if (part.phase, part.number, part.cursor) != (0, 0, None):
            return done
        moment = runner.now() + timedelta(seconds=seconds)
        return replace(done, finished=False, not_before=moment)

    return step


def begun(seconds: float) -> tuple[FanBench, Clock, str, str]:
    bench = FanBench(step=waiting(seconds), workers=1)
    clock, job_id = Clock(bench), bench.start()
    clock.deliver(bench.world.queue.pop())
    return bench, clock, job_id, bench.world.queue.pop()


def test_the_queue_calls_again_when_the_time_has_come() -> None:
    bench, clock, job_id, task = begun(60)
    clock.deliver(task)
    assert (clock.called, clock.passed, bench.world.queue) == ([(task, 60)], 0, [])
    clock.passed = 60
    clock.deliver(task)
    while bench.world.queue:
        clock.deliver(bench.world.queue.pop(0))
    assert bench.document(job_id)["state"] == "done"
    assert {*bench.touched.values()} == {(1, 1)}


def test_a_task_that_comes_too_early_does_nothing() -> None:
    bench, clock, _, task = begun(60)
    clock.deliver(task)
    touched = bench.touched
    clock.passed = 20
    clock.deliver(task)
    assert bench.touched == touched
    assert clock.called == [(task, 60), (task, 40)]


def test_a_worker_waits_a_moment_itself() -> None:
    bench, clock, job_id, task = begun(3)
    clock.deliver(task)
    while bench.world.queue:
        clock.deliver(bench.world.queue.pop(0))
    assert (clock.called, clock.passed) == ([], 3)
    assert bench.document(job_id)["state"] == "done"


def test_where_the_queue_cannot_wait_the_worker_does_as_long_as_it_has_time() -> None:
    bench, clock, job_id, task = begun(600)
    clock.waits = False
    clock.deliver(task, 240)
    assert (clock.passed, bench.world.queue) == (240, [task])
    for _ in range(2):
        clock.deliver(bench.world.queue.pop(), 240)
    assert clock.passed == 600
    while bench.world.queue:
        clock.deliver(bench.world.queue.pop(0))
    assert bench.document(job_id)["state"] == "done"


def test_a_job_is_not_cut_before_its_time() -> None:
    bench = FanBench(workers=1)
    clock, job_id = Clock(bench), bench.start()
    snapshot = bench.world.store.read([f"{JOBS}/{job_id}"])[f"{JOBS}/{job_id}"]
    due = clock.now() + timedelta(hours=1)
    bench.world.store.commit([Update(snapshot.path, {"notBefore": due}, snapshot.version)])
    clock.deliver(bench.world.queue.pop())
    assert clock.called == [(job_id, 3600)]
    assert bench.slices == {}
    clock.passed = 3600
    clock.deliver(job_id)
    assert bench.slices
    assert "notBefore" not in bench.shown(job_id)


def test_a_worker_that_waited_looks_whether_the_job_still_goes_on() -> None:
    bench, clock, job_id, task = begun(3)
    touched: dict[str, tuple[int, int]] = {}

    def cancelled(seconds: float) -> None:
        touched.update(bench.touched)
        clock.passed += seconds
        bench.cancel(job_id)

    clock.sleep = cancelled  # type: ignore[method-assign]
    clock.deliver(task)
    assert touched == bench.touched
    assert bench.document(job_id)["error"] == "cancelled"


def test_the_sweep_leaves_alone_what_is_to_wait() -> None:
    _bench, clock, job_id, task = begun(7200)
    clock.deliver(task)
    store, later = clock.bench.world.store, clock.now() + 2 * housekeeping.STALE
    assert housekeeping.stale(store, later) == [job_id]  # the slice is not the job's own time
    snapshot = store.read([f"{JOBS}/{job_id}"])[f"{JOBS}/{job_id}"]
    store.commit([Update(snapshot.path, {"notBefore": later}, snapshot.version)])
    assert housekeeping.stale(store, later) == []
    assert housekeeping.stale(store, later + 2 * housekeeping.OVERDUE) == [job_id]


def noted(_runner: Runner, job: Job) -> list[Write]:
    return [Set("crmTest/failed", {"p0": 0, "p1": 0, "error": job.error})]


@pytest.mark.parametrize("error", [Refusal("not-found", "no-such-thing", "x"), ValueError("x")])
def test_what_a_failure_means_is_written_with_it(error: Exception) -> None:
    def failing(_runner: Runner, _job: Job, _part: Slice) -> Progress:
        raise error

    bench = FanBench(step=failing, workers=1)
    job_id = bench.start()
    kinds = {KIND: replace(bench.kinds[KIND], on_failure=noted)}
    runner, queue = replace(bench.world.runner, actor="system"), bench.world.queue
    while queue:
        fan_out.work(runner, kinds, queue.append, parsed(queue.pop(0)), 60)
    reason = bench.document(job_id)["error"]
    assert reason == getattr(error, "reason", "internal")
    assert bench.world.store.all("crmTest")["failed"]["error"] == reason


def test_so_it_is_of_a_job_without_slices() -> None:
    def failing(_runner: Runner, _job: Job) -> Progress:
        raise ValueError("x")

    bench = Bench(step=failing)
    job_id = bench.start()
    kinds: dict[str, Kind] = {
        name: replace(one, on_failure=noted) for name, one in bench.kinds.items()
    }
    fan_out.work(bench.world.runner, kinds, bench.world.queue.append, parsed(job_id), 60)
    assert bench.world.store.all("crmTest")["failed"]["error"] == "internal"
