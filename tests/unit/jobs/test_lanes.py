"""Which tasks follow which, who cuts a phase into how many slices, and each bound of time."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.db.collections import JOBS
from crm.db.runner import Runner
from crm.jobs import fan_out
from crm.jobs.fan_out import BEAT, SHORT, pieces
from crm.jobs.job import Cut, Job, Kind, Phase, Progress
from crm.jobs.slices import Slice, parsed
from testing.world import World
from tests.support.fanning import KIND, FanBench, cut_at, touch
from tests.unit.jobs.test_waiting import Clock

TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("workers", "total", "least", "number"),
    [
        (2, None, 1, 8),  # four for each lane
        (2, 0, 1, 1),
        (2, 1, 1, 1),
        (2, 7, 1, 7),
        (2, 8, 1, 8),
        (2, 9, 1, 8),
        (2, 3, 3, 1),
        (2, 4, 3, 2),
        (2, 10, 3, 4),
        (1, None, 1, 4),
        (16, None, 1, 64),
        (32, None, 1, 64),  # more than that no commit holds
    ],
)
def test_a_phase_is_cut_into_so_many_slices(
    workers: int, total: int | None, least: int, number: int
) -> None:
    world = World(settings={"jobs": {"workers": workers}})
    assert pieces(world.runner, total, least) == number


# Which tasks follow


def names(job_id: str, *tasks: str) -> list[str]:
    return [f"{job_id}-{one}" if one else job_id for one in tasks]


def test_who_ends_a_slice_has_the_next_one_of_its_lane_called_for() -> None:
    """Slices 0, 2 and 4 are one lane; the second phase has two slices."""
    bench = FanBench(cuts=("b", "c", "d", "e"), workers=2)
    job_id = bench.start()
    trace = []
    while bench.world.queue:
        task = bench.world.queue.pop(0)
        before = len(bench.world.queue)
        bench.deliver(task)
        trace.append((task, bench.world.queue[before:]))
    expected: list[tuple[str, tuple[str, ...]]] = [
        ("", ("0-0", "0-1")),
        ("0-0", ("0-2",)),
        ("0-1", ("0-3",)),
        ("0-2", ("0-4",)),
        ("0-3", ()),
        ("0-4", ("1-0", "1-1")),
        ("1-0", ()),
        ("1-1", ()),
    ]
    assert trace == [
        (names(job_id, task)[0], names(job_id, *following)) for task, following in expected
    ]
    assert bench.document(job_id)["state"] == "done"


@pytest.mark.parametrize(
    ("states", "delivered", "called"),
    [
        # A copy of a task whose slice is over: what its lane has next, unless it was begun.
        (("", "queued", "queued", "queued"), "0-0", ("0-2",)),
        (("", "queued", "running", "queued"), "0-0", ()),
        (("", "queued", "stopped", "queued"), "0-0", ("0-2",)),
        (("", "queued", "over", "queued"), "0-0", ()),
        (("", "queued", "", "queued"), "0-2", ()),
        (("queued", "", "queued", ""), "0-3", ()),
        # Its job is looked after: the first of every lane, begun or not.
        (("running", "running", "queued", "queued"), "", ("0-0", "0-1")),
        (("", "running", "over", "queued"), "", ("0-2", "0-1")),
        (("", "queued", "", "queued"), "", ("0-1",)),
        # No phase of it, or not yet.
        (("queued", "queued", "queued", "queued"), "1-0", ()),
        (("queued", "queued", "queued", "queued"), "0-7", ()),
    ],
)
def test_a_task_that_is_late_calls_for_what_nobody_has_begun(
    states: tuple[str, ...], delivered: str, called: tuple[str, ...]
) -> None:
    bench = FanBench(cuts=("c", "d", "e"), workers=2)
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    bench.world.queue.clear()
    left = []
    for number, state in enumerate(states):
        path, name = f"crmSlices/{job_id}-0-{number}", f"{job_id}-0-{number}"
        if state:
            bench.world.store.put(path, {**bench.slices[name], "state": state})
            left.append(number)
        else:
            bench.world.store.delete(path)
    bench.world.store.put(f"{JOBS}/{job_id}", {**bench.document(job_id), "left": left})
    writes = bench.world.store.writes
    bench.deliver(names(job_id, delivered)[0])
    assert bench.world.queue == names(job_id, *called)
    assert bench.world.store.writes == writes


@pytest.mark.parametrize(
    ("holder", "states", "called"),
    [
        ("0-2", ("queued", "queued"), ("1-0", "1-1")),
        ("0-2", ("stopped", "queued"), ("1-0", "1-1")),
        ("0-2", ("running", "queued"), ("1-1",)),
        ("0-2", ("over", "running"), ()),
        ("0-2", ("", "queued"), ("1-1",)),  # nothing is left of a lane
        ("0-2", ("queued", ""), ("1-0",)),
        ("0-1", ("queued", "queued"), ()),  # those of another task, which calls for them itself
        (None, ("queued", "queued"), ()),
    ],
)
def test_a_task_of_the_phase_before_calls_for_what_it_has_cut(
    holder: str | None, states: tuple[str, str], called: tuple[str, ...]
) -> None:
    """Whoever cut the phase may have died before the queue heard of it."""
    bench = FanBench(workers=2)
    job_id = bench.start()
    while bench.document(job_id)["phase"] != 1:
        bench.deliver(bench.world.queue.pop(0))
    bench.world.queue.clear()
    held_by = holder and f"{job_id}-{holder}"
    left = [number for number, state in enumerate(states) if state]
    bench.world.store.put(f"{JOBS}/{job_id}", {**bench.document(job_id), "left": left})
    for number in left:
        name = f"{job_id}-1-{number}"
        data = {**bench.slices[name], "holder": held_by, "state": states[number]}
        bench.world.store.put(f"crmSlices/{name}", data)
    bench.deliver(f"{job_id}-0-2")
    assert bench.world.queue == names(job_id, *called)


def test_who_folds_the_last_slice_of_all_ends_the_job_with_it() -> None:
    bench = FanBench(names=("a",), cuts=(), workers=1)
    job_id = bench.start()
    written = []
    while bench.world.queue:
        before = bench.world.store.writes
        bench.deliver(bench.world.queue.pop(0))
        written.append(bench.world.store.writes - before)
    # The job and a slice are cut. Then each time the slice with what it touches, the job with the
    # slice that is gone, and the job with the slice of the next phase, if there is one.
    assert written == [2, 2 + 2 + 2, 2 + 2]
    assert bench.document(job_id)["state"] == "done"


def test_a_slice_is_made_with_its_bounds_by_the_task_that_cut_it() -> None:
    bench = FanBench(workers=2)
    job_id = bench.start()
    before = bench.document(job_id)
    bench.deliver(job_id)
    job: Any = bench.document(job_id)
    at = job["updatedAt"]
    assert Job.from_data(job_id, job) == replace(
        Job.from_data(job_id, before),
        state="running", phase=0, left=(0, 1, 2), lanes=2, total=14, updated_at=at,
    )  # fmt: skip
    bounds = [(None, "c"), ("c", "e"), ("e", None)]
    made = [
        Slice(f"{job_id}-0-{n}", job_id, 0, n, low, high, at, at, holder=job_id)
        for n, (low, high) in enumerate(bounds)
    ]
    assert bench.slices == {one.id: one.to_data() for one in made}
    while bench.document(job_id)["phase"] == 0:
        bench.deliver(bench.world.queue.pop(0))
    assert {one["holder"] for one in bench.slices.values()} == {f"{job_id}-0-2"}


@pytest.mark.parametrize(("workers", "cuts", "lanes"), [(2, "b", 2), (3, "b", 2), (1, "bcd", 1)])
def test_no_more_lanes_than_slices_or_workers(workers: int, cuts: str, lanes: int) -> None:
    bench = FanBench(workers=workers, cuts=tuple(cuts))
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    assert bench.document(job_id)["lanes"] == lanes == len(bench.world.queue)


def test_how_much_there_is_to_do_is_told_by_who_cuts() -> None:
    seen: list[tuple[str, str, int | None, int]] = []

    def told(total: int | None, bounds: str) -> Any:
        def cut(runner: Runner, job: Job) -> Any:
            seen.append((runner.actor, job.state, job.total, job.done))
            some = cut_at(tuple(bounds))(runner, job) if bounds else None
            return replace(some, total=total) if some else Cut((), total)

        return cut

    bench = FanBench(workers=1)
    phases = [Phase(told(20, ""), touch), Phase(told(None, "c"), touch), Phase(told(9, ""), touch)]
    kinds = {KIND: replace(bench.kinds[KIND], phases=phases)}
    job_id = bench.start()
    runner, queue = replace(bench.world.runner, actor="system"), bench.world.queue
    totals = []
    while queue:
        fan_out.work(runner, kinds, queue.append, parsed(queue.pop(0)), 60)
        totals.append(bench.document(job_id)["total"])
    assert totals == [20, 20, 9]
    assert seen == [
        ("u1-staff", "queued", 14, 0),
        ("u1-staff", "queued", 20, 0),
        ("u1-staff", "running", 20, 7),
    ]
    done = bench.document(job_id)
    assert (done["state"], done["done"], done["result"]) == ("done", 7, {"touched1": 7})


# Time


@pytest.mark.parametrize(
    ("seconds", "called", "passed"),
    [
        (-1.0, False, 0.0),
        (0.0, False, 0.0),
        (0.5, False, 0.5),
        (1.0, False, 1.0),
        (SHORT, False, SHORT),
        (SHORT + 0.001, True, 0.0),
    ],
)
def test_for_longer_than_a_moment_the_queue_waits(
    seconds: float, called: bool, passed: float
) -> None:
    bench = FanBench(workers=1)
    clock, job_id = Clock(bench), bench.start()
    due = clock.now() + timedelta(seconds=seconds)
    bench.world.store.put(f"{JOBS}/{job_id}", {**bench.document(job_id), "notBefore": due})
    clock.deliver(bench.world.queue.pop())
    assert clock.called == ([(job_id, seconds)] if called else [])
    assert (clock.passed, bool(bench.slices)) == (passed, not called)


@pytest.mark.parametrize(("seconds", "waits"), [(2.0, False), (3.0, False), (3.001, True)])
def test_a_worker_does_not_wait_beyond_its_time(seconds: float, waits: bool) -> None:
    """What is left to wait for is left to the next one."""
    bench = FanBench(workers=1)
    clock, job_id = Clock(bench, passed=100), bench.start()
    due = clock.now() + timedelta(seconds=3)
    bench.world.store.put(f"{JOBS}/{job_id}", {**bench.document(job_id), "notBefore": due})
    clock.deliver(bench.world.queue.pop(), seconds)
    assert clock.passed == 100 + min(seconds, 3)
    assert clock.called == []
    assert bool(bench.slices) is waits
    assert bench.world.queue == (names(job_id, "0-0") if waits else [job_id])


def test_a_worker_that_nobody_calls_later_waits_as_long_as_it_has_time() -> None:
    bench = FanBench(workers=1)
    clock, job_id = Clock(bench), bench.start()
    due = clock.now() + timedelta(seconds=100)
    bench.world.store.put(f"{JOBS}/{job_id}", {**bench.document(job_id), "notBefore": due})
    retry = replace(bench.world.runner.retry, sleep=clock.sleep, clock=lambda: clock.passed)
    runner = replace(bench.world.runner, retry=retry, now=clock.now)
    queue = bench.world.queue
    fan_out.work(runner, bench.kinds, queue.append, parsed(queue.pop()), 60)
    assert (clock.passed, queue, bench.slices) == (60, [job_id], {})


@pytest.mark.parametrize(("after", "told"), [(BEAT - TICK, 0), (BEAT, 0), (BEAT + TICK, 2)])
def test_a_slice_under_way_writes_the_job_when_nobody_has_for_so_long(
    after: timedelta, told: int
) -> None:
    bench = FanBench(cuts=(), workers=1)
    clock, job_id = Clock(bench), bench.start()
    clock.deliver(bench.world.queue.pop(), 0)
    clock.deliver(bench.world.queue.pop(), 0)
    before: Any = bench.document(job_id)
    (held,) = bench.slices.values()
    assert (before["done"], held["done"]) == (0, 2)
    clock.passed = (before["updatedAt"] - clock.begin + after).total_seconds()
    clock.deliver(bench.world.queue.pop(), 0)
    job: Any = bench.document(job_id)
    (part,) = bench.slices.values()
    if not told:
        assert job == before
        assert (part["done"], part["counts"]) == (4, {"touched0": 4})  # a step was taken instead
        return
    now = clock.now()
    assert job == {**before, "done": 2, "result": {"touched0": 2}, "updatedAt": now}
    assert part == {**held, "done": 0, "counts": {}, "drift": [], "updatedAt": now}


@pytest.mark.parametrize(("early", "called"), [(timedelta(0), False), (TICK, True)])
def test_a_slice_goes_on_when_its_time_has_come(
    monkeypatch: pytest.MonkeyPatch, early: timedelta, called: bool
) -> None:
    bench = FanBench(cuts=(), workers=1)
    clock = Clock(bench)
    bench.start()
    clock.deliver(bench.world.queue.pop(), 0)
    task = bench.world.queue.pop()
    (data,) = bench.slices.values()
    due = clock.now() + timedelta(seconds=60)
    bench.world.store.put(f"crmSlices/{task}", {**data, "notBefore": due})
    clock.passed = (due - early - clock.begin).total_seconds()
    monkeypatch.setattr(clock, "sleep", lambda _: None)
    before = bench.touched
    clock.deliver(task, 0)
    assert (bench.touched == before) is called


@pytest.mark.parametrize("known", [True, False])
def test_a_job_without_slices_is_worked_at_as_long_as_there_is_time(known: bool) -> None:
    """So is one of a kind that nobody knows: to be told so."""
    passed = [50.0]

    def step(_runner: Runner, _job: Job) -> Progress:
        passed[0] += 10
        return Progress(done=1)

    bench = FanBench()
    retry = replace(bench.world.runner.retry, clock=lambda: passed[0])
    runner, queue = replace(bench.world.runner, retry=retry), bench.world.queue
    kinds = {KIND: replace(bench.kinds[KIND], step=step, phases=())} if known else {}
    job_id = bench.start()
    queue.clear()
    fan_out.work(runner, kinds, queue.append, parsed(job_id), 25)
    job = bench.document(job_id)
    assert (job["done"], job["error"]) == ((3, None) if known else (0, "unknown-kind"))
    assert queue == ([job_id] if known else [])


# What the log says


def test_a_task_of_no_job_is_dropped_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    bench = FanBench()
    bench.deliver("none-0-1")
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.WARNING, "there is no job none")
    assert bench.world.queue == []


@pytest.mark.parametrize("where", ["cut", "step"])
@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (Refusal("failed-precondition", "tag-busy", "Wait."), "tag-busy", "tag-busy"),
        (KeyError("alice@example.com"), "internal", r"KeyError at test_lanes.py:\d+"),
    ],
)
def test_what_failed_a_job_is_in_the_log_without_anybody_s_data(
    caplog: pytest.LogCaptureFixture, where: str, error: Exception, code: str, told: str
) -> None:
    def failing(*_: object) -> Any:
        raise error

    bench = FanBench(workers=1, resumes="start")
    one = Phase(failing, touch) if where == "cut" else Phase(cut_at("c"), failing)
    kinds: dict[str, Kind] = {KIND: replace(bench.kinds[KIND], phases=[one])}
    job_id = bench.start()
    runner, queue = replace(bench.world.runner, actor="system"), bench.world.queue
    while queue:
        fan_out.work(runner, kinds, queue.append, parsed(queue.pop(0)), 60)
    job = bench.document(job_id)
    assert (job["state"], job["error"], job["left"], bench.slices) == ("failed", code, [], {})
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    prefix, _, what = record.getMessage().partition(" failed: ")
    assert prefix == f"job {job_id}"
    assert re.fullmatch(told, what)
