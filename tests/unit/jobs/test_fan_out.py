"""Slices: many workers at one job, whatever is delivered twice, dies, or ends in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.core.errors import Conflict, Refusal, Transient
from crm.db.collections import JOBS, SLICES
from crm.db.documents import Snapshot, Version, Write
from crm.db.runner import Runner
from crm.jobs import fan_out, housekeeping
from crm.jobs.job import Cut, Job, Progress
from crm.jobs.slices import MOST, Slice, Task, parsed, payload_of, slice_id, task_of
from tests.support.fanning import FanBench, touch
from tests.support.faults import Killed

ALL = {"touched0": 7, "touched1": 7}


def all_is_done(bench: FanBench, job_id: str) -> None:
    """Every document was touched once in each phase, and every count says so."""
    job = bench.document(job_id)
    assert (job["state"], job["error"]) == ("done", None)
    assert (job["done"], job["result"]) == (14, ALL)
    assert {*bench.touched.values()} == {(1, 1)}
    assert bench.slices == {}
    assert (job["arguments"], job["cursor"], job["phase"], job["left"]) == ({}, None, None, [])


def test_a_job_is_cut_done_and_added_up() -> None:
    bench = FanBench()
    job_id = bench.start()
    bench.work()
    all_is_done(bench, job_id)


def test_no_more_slices_than_lanes_are_in_the_queue() -> None:
    bench = FanBench(cuts=("b", "c", "d", "e"), workers=2)
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    assert bench.world.queue == [slice_id(job_id, 0, 0), slice_id(job_id, 0, 1)]
    while bench.world.queue:
        bench.deliver(bench.world.queue.pop(0))
        assert len({*bench.world.queue}) == len(bench.world.queue) <= 2
    all_is_done(bench, job_id)


def test_the_second_phase_begins_when_all_of_the_first_is_over() -> None:
    bench = FanBench()
    job_id = bench.start()
    while bench.document(job_id)["phase"] != 1:
        assert not any(second for _, second in bench.touched.values())
        bench.deliver(bench.world.queue.pop(0))
    assert {first for first, _ in bench.touched.values()} == {1}


def test_a_phase_without_anything_to_do_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = FanBench()
    monkeypatch.setattr("tests.support.fanning.cut_at", lambda _: cut_nothing)
    job_id = bench.start()
    bench.work()
    job = bench.document(job_id)
    assert (job["state"], job["done"], bench.slices) == ("done", 0, {})


def cut_nothing(_runner: Runner, _job: Job) -> Cut:
    return Cut(())


def test_a_worker_whose_time_is_over_has_the_queue_call_for_the_same_slice() -> None:
    bench = FanBench(cuts=())
    job_id = bench.start()
    bench.work(seconds=0)
    all_is_done(bench, job_id)


def test_progress_is_told_while_no_slice_is_over() -> None:
    bench = FanBench()
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    for task in list(bench.world.queue):
        bench.deliver(task, seconds=0)
    assert bench.document(job_id)["done"] == 0
    shown = bench.shown(job_id)
    assert (shown["state"], shown["done"], shown["total"]) == ("running", 4, 14)
    assert shown["result"] == {"touched0": 4}
    assert shown["updatedAt"] > bench.document(job_id)["updatedAt"]


def test_a_job_shows_that_it_is_alive_in_its_own_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """What people listen to, and by which the sweep knows that workers are at it."""
    monkeypatch.setattr(fan_out, "BEAT", timedelta(0))
    bench = FanBench(cuts=())
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    first, second = [], []
    while bench.world.queue and bench.document(job_id)["phase"] == 0:
        bench.deliver(bench.world.queue.pop(0), seconds=0)
        first.append(bench.document(job_id)["done"])
        second.append(bench.shown(job_id)["done"])
    assert first == sorted(first)
    assert first[2] > 0
    assert second == sorted(second)
    bench.work()
    all_is_done(bench, job_id)


def test_steps_act_in_the_name_of_who_asked() -> None:
    actors = set()

    def step(runner: Runner, job: Job, part: Slice) -> Progress:
        actors.add(runner.actor)
        return touch(runner, job, part)

    bench = FanBench(step=step)
    bench.start()
    bench.work()
    assert actors == {"u1-staff"}


# Tasks that come late, twice, or are forged


@pytest.mark.parametrize("again", [1, 2])
def test_tasks_of_what_is_over_do_no_harm(again: int) -> None:
    bench = FanBench()
    job_id = bench.start()
    seen = []
    while bench.world.queue:
        seen.append(bench.world.queue.pop(0))
        bench.deliver(seen[-1])
        for old in [one for one in seen for _ in range(again)]:
            before = list(bench.world.queue)
            bench.deliver(old)
            assert {*bench.world.queue[len(before) :]} <= {*before, *seen} | {
                slice_id(job_id, phase, number) for phase in (0, 1) for number in range(3)
            }
        bench.world.queue[:] = dict.fromkeys(bench.world.queue)
    all_is_done(bench, job_id)


@pytest.mark.parametrize("number", [3, 99, 10**12])
@pytest.mark.parametrize("phase", [0, 1, 9])
def test_a_task_of_a_slice_that_never_was_changes_nothing(phase: int, number: int) -> None:
    bench = FanBench()
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    writes, queue = bench.world.store.writes, list(bench.world.queue)
    bench.deliver(slice_id(job_id, phase, number))
    assert (bench.world.store.writes, bench.world.queue) == (writes, queue)


def test_a_slice_of_another_job_is_not_reached_by_its_id() -> None:
    assert parsed(slice_id("a-1-2", 3, 4)) == Task("a-1-2", 3, 4)
    assert parsed("plain") == Task("plain")
    assert parsed("a-b-c") == Task("a-b-c")
    assert parsed("-1-2") == Task("-1-2")  # a slice of no job


@pytest.mark.parametrize(
    "payload",
    [
        {"jobId": "j", "phase": 0},
        {"jobId": "j", "slice": 0},
        {"jobId": "j", "phase": "0", "slice": 0},
        {"jobId": "j", "phase": 0, "slice": -1},
        {"jobId": "j", "phase": True, "slice": 1},
        {"jobId": "a/b", "phase": 0, "slice": 1},
        {"phase": 0, "slice": 1},
    ],
)
def test_what_names_no_slice_is_no_task(payload: dict[str, object]) -> None:
    assert task_of(payload) is None


@pytest.mark.parametrize("task", ["job", "job-0-3"])
def test_a_task_says_what_it_is_for(task: str) -> None:
    assert task_of(payload_of(task)) == parsed(task)


def test_of_two_workers_at_one_slice_one_goes_on() -> None:
    bench = FanBench(names=[f"n{number:02}" for number in range(20)], cuts=())
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    (task,) = bench.world.queue
    store, calls, steps = bench.world.store, 0, []

    def step(runner: Runner, job: Job, part: Slice) -> Progress:
        steps.append(part.cursor)
        return touch(runner, job, part)

    bench.step = step

    def pause() -> None:
        nonlocal calls
        calls += 1
        if calls == 12:
            bench.deliver(task)  # a duplicate overtakes, and ends the slice

    store.pause = pause
    bench.deliver(task)
    store.pause = lambda: None
    bench.work()
    assert {*bench.touched.values()} == {(1, 1)}
    assert bench.document(job_id)["result"] == {"touched0": 20, "touched1": 20}
    assert len(steps) <= 11 + 1 + 11 + 1


def test_who_finds_another_worker_at_its_slice_stops() -> None:
    steps: list[object] = []

    def step(runner: Runner, job: Job, part: Slice) -> Progress:
        steps.append(part.cursor)
        return touch(runner, job, part)

    bench = FanBench(names=[f"n{number:02}" for number in range(20)], cuts=(), step=step)
    bench.start()
    bench.deliver(bench.world.queue.pop())
    task, commit = bench.world.queue.pop(), bench.world.store.commit

    def beside(writes: Sequence[Write]) -> list[Version]:
        versions = commit(writes)
        bench.world.store.commit = commit  # type: ignore[method-assign]
        bench.deliver(task, seconds=0)  # a duplicate takes the next step
        return versions

    bench.world.store.commit = beside  # type: ignore[method-assign]
    bench.deliver(task)
    assert steps == [None, "n01"]
    assert bench.world.queue == [task], "that worker's own, whose time was over"


# Failing, cancelling, retrying


def failing_at(name: str, error: Exception) -> Callable[[Runner, Job, Slice], Progress]:
    def step(runner: Runner, job: Job, part: Slice) -> Progress:
        if part.number == 1:
            raise error
        return touch(runner, job, part)

    return step


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refusal("failed-precondition", "tag-busy", "Wait."), "tag-busy"),
        (KeyError("alice@example.com"), "internal"),
    ],
)
def test_a_slice_that_can_never_work_fails_the_job(
    error: Exception, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    bench = FanBench(step=failing_at("c", error))
    job_id = bench.start()
    bench.work()
    job = bench.document(job_id)
    assert (job["state"], job["error"]) == ("failed", code)
    assert "alice" not in caplog.text
    touched = sum(first for first, _ in bench.touched.values())
    assert job["done"] == touched < 7
    assert {one["state"] for one in bench.slices.values()} == {"stopped"}
    bench.step = touch
    assert bench.retry(job_id)["error"] is None
    bench.work()
    all_is_done(bench, job_id)


@pytest.mark.parametrize("error", [Transient("away"), Conflict("moved")])
def test_what_may_work_later_leaves_the_slice_as_it_is(error: Exception) -> None:
    clock = iter(range(0, 10_000, 30))
    bench = FanBench(step=failing_at("c", error))
    retry = bench.world.runner.retry
    bench.world.runner = replace(
        bench.world.runner, retry=replace(retry, clock=lambda: float(next(clock)))
    )
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    before = bench.slices[slice_id(job_id, 0, 1)]
    with pytest.raises(type(error)):
        bench.deliver(slice_id(job_id, 0, 1))
    assert bench.slices[slice_id(job_id, 0, 1)] == before
    assert bench.document(job_id)["state"] == "running"


def test_a_cancelled_job_stops_every_slice_and_goes_on_from_there() -> None:
    bench = FanBench()
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    for task in list(bench.world.queue):
        bench.deliver(task, seconds=0)
    told = bench.cancel(job_id)
    assert (told["state"], told["error"], told["done"]) == ("failed", "cancelled", 4)
    assert bench.document(job_id)["done"] == 4
    writes = bench.world.store.writes
    assert bench.cancel(job_id) == told
    bench.work()
    assert bench.world.store.writes == writes
    assert bench.shown(job_id) == told
    assert bench.retry(job_id)["done"] == 4
    bench.work()
    all_is_done(bench, job_id)


@pytest.mark.parametrize("at", range(1, 12))
def test_a_step_under_way_at_a_cancellation_is_counted_or_not_done(at: int) -> None:
    bench = FanBench()
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    calls = 0

    def pause() -> None:
        nonlocal calls
        calls += 1
        if calls == at:
            bench.world.store.pause = lambda: None
            bench.cancel(job_id)

    bench.world.store.pause = pause
    bench.work()
    job = bench.document(job_id)
    assert (job["state"], job["error"]) == ("failed", "cancelled")
    assert job["done"] == sum(first for first, _ in bench.touched.values())
    assert job["done"] == bench.shown(job_id)["done"]
    bench.retry(job_id)
    bench.work()
    all_is_done(bench, job_id)


@pytest.mark.parametrize(("resumes", "kept"), [("start", 2), ("afresh", 0)])
def test_what_begins_anew_keeps_no_slice(resumes: str, kept: int) -> None:
    """Their bounds may be ids of the host's: nobody who is erased stays in them."""
    bench = FanBench(resumes=resumes)  # type: ignore[arg-type]
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    bench.deliver(bench.world.queue.pop(), seconds=0)
    bench.cancel(job_id)
    assert bench.slices == {}
    job = bench.document(job_id)
    assert (job["done"], job["phase"], job["left"]) == (2, None, [])
    told = bench.retry(job_id)
    assert told["done"] == kept
    bench.work()
    assert bench.document(job_id)["state"] == "done"
    assert bench.document(job_id)["done"] == 14 + kept


def test_a_slice_that_one_reading_missed_is_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = FanBench()
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    path = f"{SLICES}/{slice_id(job_id, 0, 1)}"
    read, missed = bench.world.store.read, list[str]()

    def torn(paths: Iterable[str]) -> dict[str, Snapshot]:
        found = read(paths)
        if path in found and not missed:
            missed.append(path)
            found[path] = Snapshot(path, None, found[path].version)
        return found

    monkeypatch.setattr(bench.world.store, "read", torn)
    bench.work()
    assert missed == [path]
    all_is_done(bench, job_id)


def test_a_slice_that_another_worker_ends_between_two_readings_is_not_missed() -> None:
    bench = FanBench()
    job_id, store = bench.start(), bench.world.store
    bench.deliver(bench.world.queue.pop())
    task = bench.world.queue[0]

    def tear() -> None:
        store.tear = lambda: None
        bench.deliver(task)
        assert task not in bench.slices

    store.tear = tear
    bench.work()
    all_is_done(bench, job_id)


def test_a_slice_that_is_gone_fails_the_job_and_a_retry_begins_at_the_start() -> None:
    bench = FanBench()
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    bench.world.store.delete(f"{SLICES}/{slice_id(job_id, 0, 1)}")
    bench.work()
    job = bench.document(job_id)
    assert (job["state"], job["error"], job["phase"]) == ("failed", "damaged", None)
    assert bench.slices == {}
    bench.retry(job_id)
    bench.work()
    assert bench.document(job_id)["state"] == "done"
    assert all(min(both) >= 1 for both in bench.touched.values())


@pytest.mark.parametrize(("slices", "error"), [(MOST, None), (MOST + 1, "internal")])
def test_a_phase_of_too_many_slices_fails(slices: int, error: str | None) -> None:
    bench = FanBench(cuts=[f"c{number:02}" for number in range(1, slices)])
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    assert len(bench.slices) == (0 if error else slices)
    bench.work()
    assert bench.document(job_id)["error"] == error
    assert bench.slices == {}


# The sweep


def test_a_job_whose_workers_all_died_is_taken_up_by_its_id_alone() -> None:
    bench = FanBench(cuts=("b", "c", "d", "e"))
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    for task in list(bench.world.queue):
        bench.deliver(task, seconds=0)
    bench.world.queue.clear()
    store = bench.world.store
    assert housekeeping.stale(store, store.now()) == []
    assert housekeeping.stale(store, store.now() + 2 * housekeeping.STALE) == [job_id]
    bench.deliver(job_id)
    assert bench.world.queue == [slice_id(job_id, 0, 0), slice_id(job_id, 0, 1)]
    bench.work()
    all_is_done(bench, job_id)


def test_slices_of_a_job_that_is_over_are_handed_over_to_be_settled() -> None:
    bench = FanBench()
    store, job_id = bench.world.store, bench.start()
    bench.deliver(bench.world.queue.pop())
    bench.deliver(bench.world.queue.pop(), seconds=0)
    # Whoever failed the job died before it had settled.
    store.put(f"{JOBS}/{job_id}", {**bench.document(job_id), "state": "failed", "error": "x"})
    later = store.now() + 2 * housekeeping.STALE
    assert housekeeping.stale(store, later) == [job_id]
    bench.deliver(job_id)
    assert bench.document(job_id)["done"] == 2
    assert housekeeping.stale(store, later) == []


def test_slices_go_with_their_job() -> None:
    bench = FanBench()
    store, job_id = bench.world.store, bench.start()
    bench.deliver(bench.world.queue.pop())
    bench.cancel(job_id)
    assert len(bench.slices) == 3
    assert housekeeping.delete_expired(store, store.now() + 2 * housekeeping.RETENTION) == 1
    assert (bench.slices, store.all(JOBS)) == ({}, {})


# Any order, with deaths


@dataclass
class Chaos:
    """What happens between any two remote calls: drawn, at most so often."""

    bench: FanBench
    job_id: str
    data: st.DataObject
    budget: int = 6
    depth: int = 0

    def pause(self) -> None:
        if self.budget <= 0 or self.depth >= 3:
            return
        what = self.data.draw(
            st.sampled_from(
                ["-"] * 24 + ["kill", "deliver", "twice", "job", "old", "cancel", "retry"]
            )
        )
        if what == "-":
            return
        self.budget -= 1
        self.depth += 1
        try:
            self.happen(what)
        finally:
            self.depth -= 1

    def happen(self, what: str) -> None:
        bench, queue = self.bench, self.bench.world.queue
        match what:
            case "kill":
                raise Killed
            case "deliver" if queue:
                number = self.data.draw(st.integers(0, len(queue) - 1))
                self.deliver(queue.pop(number))
            case "twice" if queue:
                queue.append(queue[self.data.draw(st.integers(0, len(queue) - 1))])
            case "job":
                queue.append(self.job_id)
            case "old":
                phase, number = self.data.draw(st.tuples(st.integers(0, 1), st.integers(0, 3)))
                queue.append(slice_id(self.job_id, phase, number))
            case "cancel":
                self.staff(bench.cancel)
            case "retry":
                self.staff(bench.retry)

    def staff(self, act: Callable[[str], object]) -> None:
        try:
            act(self.job_id)
        except (Refusal, Killed):
            return

    def deliver(self, task: str) -> None:
        seconds = self.data.draw(st.sampled_from([0.0, 60.0]))
        try:
            self.bench.deliver(task, seconds)
        except Killed:
            self.bench.world.queue.append(task)  # not acknowledged: the queue calls again


@settings(max_examples=150, deadline=None, suppress_health_check=[*HealthCheck])
@given(
    st.data(),
    st.sets(st.sampled_from("bcdefgz"), max_size=4),
    st.integers(1, 3),
    st.booleans(),
)
def test_whatever_happens_every_document_is_touched_once_and_counted_once(
    data: st.DataObject, cuts: set[str], workers: int, beats: bool
) -> None:
    bench = FanBench(cuts=sorted(cuts), workers=workers)
    job_id = bench.start()
    chaos = Chaos(bench, job_id, data)
    before, fan_out.BEAT = fan_out.BEAT, timedelta(0 if beats else 5)  # type: ignore[misc]
    try:
        bench.world.store.pause = chaos.pause
        for _ in range(200):
            if not bench.world.queue:
                break
            at = data.draw(st.integers(0, len(bench.world.queue) - 1))
            chaos.deliver(bench.world.queue.pop(at))
            bench.world.store.pause = lambda: None
            shown = bench.shown(job_id)
            assert shown["done"] == sum(sum(both) for both in bench.touched.values())
            bench.world.store.pause = chaos.pause
        bench.world.store.pause = lambda: None
        if bench.document(job_id)["state"] == "failed":
            bench.retry(job_id)
            bench.work()
    finally:
        fan_out.BEAT = before  # type: ignore[misc]
    all_is_done(bench, job_id)
