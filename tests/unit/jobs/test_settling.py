"""What the slices of a job have counted: shown while they go on, taken over when it failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.db.collections import JOBS, SLICES
from crm.db.documents import Delete
from crm.jobs.job import Job, Resumes
from crm.jobs.settling import settle, with_slices
from crm.jobs.slices import Slice, SliceState
from testing.hosts import DAY
from tests.support.fanning import KIND, FanBench

ROW = {"customerId": "c", "fields": ["name"]}
TICK = timedelta(microseconds=1)
LATER = DAY + timedelta(hours=1)

JOB = Job(
    "j", KIND, {}, "u1-staff", DAY, DAY, "failed", 5, 20, "x", ["at"], {"n": 5}, (), 1, (0, 1, 2, 3)
)


def part(number: int, state: SliceState, done: int, at: Any = DAY) -> Slice:
    made = Slice(f"j-1-{number}", "j", 1, number, None, None, DAY, at, state, "w", [number])
    if not done:
        return made
    return replace(made, done=done, counts={"n": done, f"s{number}": 1}, drift=(ROW,))


PARTS = (
    part(0, "queued", 0),
    part(1, "running", 2),
    part(2, "over", 3),
    part(3, "stopped", 0),
)


def filled(bench: FanBench, job: Job = JOB, parts: tuple[Slice, ...] = PARTS) -> None:
    store = bench.world.store
    store.put(f"{JOBS}/j", job.to_data())
    for one in parts:
        store.put(one.path, one.to_data())
    bench.world.runner = replace(bench.world.runner, now=lambda: LATER)


def held(bench: FanBench) -> tuple[Job, list[Slice]]:
    slices = bench.slices
    return (
        Job.from_data("j", bench.document("j")),
        [Slice.from_data(name, slices[name]) for name in sorted(slices)],
    )


def settled(bench: FanBench, **known: Any) -> tuple[Job, list[Slice]]:
    """Settle the job; once more does nothing."""
    kinds = known.get("kinds", bench.kinds)
    settle(bench.world.runner, kinds, "j")
    writes = bench.world.store.writes
    settle(bench.world.runner, kinds, "j")
    assert bench.world.store.writes == writes
    return held(bench)


SUM = replace(JOB, done=10, result={"n": 10, "s1": 1, "s2": 1}, drift=(ROW,))


def test_a_failed_job_takes_over_what_was_counted_and_its_slices_stop() -> None:
    bench = FanBench()
    filled(bench)
    job, slices = settled(bench)
    # Two slices had counted, one after the other.
    assert job == replace(SUM, left=(0, 1, 3), updated_at=LATER + TICK)
    stopped = [replace(PARTS[0], state="stopped", updated_at=LATER)]
    stopped.append(replace(part(1, "stopped", 0), updated_at=LATER))
    assert slices == [*stopped, PARTS[3]]


@pytest.mark.parametrize("resumes", ["start", "afresh"])
def test_of_what_begins_anew_only_the_counts_stay(resumes: Resumes) -> None:
    bench = FanBench(resumes=resumes)
    filled(bench)
    at = LATER + TICK
    expected = replace(SUM, phase=None, left=(), cursor=None, updated_at=at)
    assert settled(bench) == (expected, [])


def test_so_it_is_of_a_kind_that_nobody_knows() -> None:
    bench = FanBench()
    filled(bench)
    at = LATER + TICK
    expected = replace(SUM, phase=None, left=(), cursor=None, updated_at=at)
    assert settled(bench, kinds={}) == (expected, [])


@pytest.mark.parametrize("missing", [0, 3])
def test_so_it_is_where_a_slice_is_gone(missing: int) -> None:
    """Nobody knows how far it was."""
    bench = FanBench()
    filled(bench, parts=tuple(one for one in PARTS if one.number != missing))
    at = LATER + TICK
    expected = replace(SUM, phase=None, left=(), cursor=None, updated_at=at)
    assert settled(bench) == (expected, [])


@pytest.mark.parametrize(
    "job",
    [
        replace(JOB, state="running"),
        replace(JOB, state="queued"),
        replace(JOB, phase=None, left=()),
        replace(JOB, state="done", phase=None, left=()),
    ],
)
def test_of_any_other_job_nothing_is_written(job: Job) -> None:
    bench = FanBench()
    filled(bench, job)
    assert settled(bench) == (job, [*PARTS])
    settle(bench.world.runner, bench.kinds, "none")


def test_a_job_of_which_nothing_is_left_has_nothing_to_settle() -> None:
    bench = FanBench()
    filled(bench, replace(JOB, left=()), ())
    assert settled(bench) == (replace(JOB, left=()), [])
    bench = FanBench(resumes="start")
    filled(bench, replace(JOB, left=()), ())
    assert settled(bench) == (replace(JOB, left=(), phase=None, cursor=None), [])


@pytest.mark.parametrize("resumes", ["cursor", "start"])
def test_a_step_that_ends_while_the_job_is_settled_is_counted(resumes: Resumes) -> None:
    bench = FanBench(resumes=resumes)
    filled(bench)
    store, calls = bench.world.store, list[None]()

    def step() -> None:
        calls.append(None)
        if len(calls) == 4:  # the slices were read
            store.pause = lambda: None
            store.put(PARTS[0].path, part(0, "running", 4).to_data())

    store.pause = step
    settle(bench.world.runner, bench.kinds, "j")
    job, slices = held(bench)
    assert (job.done, job.result) == (14, {"n": 14, "s0": 1, "s1": 1, "s2": 1})
    assert {one.state for one in slices} <= {"stopped"}
    assert all(one.done == 0 for one in slices)


# While they go on


def shown(bench: FanBench, job: Job) -> Job:
    return with_slices(bench.world.store, job, bench.world.runner.retry)


def test_a_job_is_shown_with_what_its_slices_have_counted_by_now() -> None:
    bench, going = FanBench(), replace(JOB, state="running", error=None)
    filled(bench, going, (*PARTS[:2], part(2, "over", 3, LATER), PARTS[3]))
    # The newest time of them all, or a moment later where nothing but counts is newer.
    expected = replace(SUM, state="running", error=None, left=(), updated_at=LATER)
    assert shown(bench, going) == expected
    filled(bench, going)
    assert shown(bench, going) == replace(expected, updated_at=DAY)
    filled(bench, going, (part(0, "queued", 0, LATER), *PARTS[1:]))
    assert shown(bench, going) == replace(expected, updated_at=DAY)  # nobody has done anything
    newer = replace(going, updated_at=LATER)
    filled(bench, newer)
    assert shown(bench, newer) == expected


def test_a_job_without_slices_is_shown_as_it_was_read() -> None:
    bench = FanBench()
    filled(bench)  # somebody else has begun a phase since
    done = replace(JOB, left=())
    assert shown(bench, done) is done


def test_a_job_that_is_gone_meanwhile_is_shown_as_it_was_read() -> None:
    bench = FanBench()
    assert shown(bench, JOB) is JOB


def test_a_slice_that_is_over_is_deleted_at_the_version_at_which_it_was_counted() -> None:
    bench = FanBench(resumes="start")
    filled(bench)
    store, written = bench.world.store, list[Any]()
    versions = {path: one.version for path, one in store.read(JOB.slice_paths).items()}
    commit = store.commit
    store.commit = lambda writes: (written.extend(writes), commit(writes))[1]  # type: ignore[method-assign,func-returns-value]
    settle(bench.world.runner, bench.kinds, "j")
    gone = [one for one in written if one.path.startswith(SLICES)]
    assert gone == [Delete(path, versions[path]) for path in JOB.slice_paths]
