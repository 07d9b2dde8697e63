"""How many steps a run of a job takes, what it says then, and what goes into the log."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bench.bill import Bill, Counting
from crm.core.errors import Refusal
from crm.db.collections import AUDIT
from crm.db.documents import Set, Write
from crm.db.runner import Runner
from crm.jobs import run as jobs
from crm.jobs.job import Job, Progress
from tests.support.fanning import FanBench
from tests.support.jobs import KIND, Bench, kind


@pytest.mark.parametrize(
    ("steps", "taken", "over"), [(1, 1, False), (2, 2, False), (3, 3, True), (None, 3, True)]
)
def test_a_run_takes_so_many_steps_at_most(steps: int | None, taken: int, over: bool) -> None:
    bench = Bench()
    assert bench.run(bench.start(to=3), 60, steps) is over
    assert bench.counted == taken


@pytest.mark.parametrize(("seconds", "taken"), [(0, 1), (1, 1), (1.5, 2), (2, 2), (2.5, 3)])
def test_no_step_begins_when_time_is_over(seconds: float, taken: int) -> None:
    """Each step takes a second."""
    passed = [100.0]

    def step(_runner: Runner, _job: Job) -> Progress:
        passed[0] += 1
        return Progress(done=1)

    bench = Bench(step=step)
    job_id = bench.start()
    retry = replace(bench.world.runner.retry, clock=lambda: passed[0])
    runner = replace(bench.world.runner, retry=retry)
    assert jobs.run(runner, bench.kinds, job_id, seconds) is False
    assert bench.document(job_id)["done"] == taken


def test_a_job_that_has_to_wait_is_left_to_workers() -> None:
    def step(runner: Runner, job: Job) -> Progress:
        later = runner.now() + timedelta(hours=1)
        return Progress(done=1, not_before=later, finished=job.done == 1)

    bench = Bench(step=step)
    job_id = bench.start()
    assert bench.run(job_id) is False
    assert (bench.document(job_id)["state"], bench.document(job_id)["done"]) == ("running", 1)
    assert bench.run(job_id) is True  # what ends needs to wait for nothing
    assert (bench.document(job_id)["state"], bench.document(job_id)["done"]) == ("done", 2)


def test_a_job_that_is_cut_into_slices_is_left_to_workers() -> None:
    bench = FanBench()
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    before, writes = bench.document(job_id), bench.world.store.writes
    assert jobs.run(bench.world.runner, bench.kinds, job_id, 60) is False
    assert (bench.document(job_id), bench.world.store.writes) == (before, writes)
    # That no worker knows its kind is told also of a job that is cut.
    assert jobs.run(bench.world.runner, {}, job_id, 60) is True
    assert bench.document(job_id)["error"] == "unknown-kind"


def test_a_job_that_is_not_there_is_over_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert Bench().run("none") is True
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.WARNING, "there is no job none")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Refusal("failed-precondition", "tag-busy", "Wait."), "tag-busy"),
        (KeyError("alice@example.com"), r"KeyError at test_steps.py:\d+"),
    ],
)
def test_what_failed_a_job_is_in_the_log_without_anybody_s_data(
    caplog: pytest.LogCaptureFixture, error: Exception, told: str
) -> None:
    def step(_runner: Runner, _job: Job) -> Progress:
        raise error

    bench = Bench(step=step)
    job_id = bench.start()
    assert bench.run(job_id) is True
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    prefix, _, what = record.getMessage().partition(" failed: ")
    assert prefix == f"job {job_id}"
    assert what == told or re.fullmatch(told, what)


@pytest.mark.parametrize("known", [True, False])
def test_a_failed_job_is_written_whole_with_what_its_failure_means(known: bool) -> None:
    """Of a kind that nobody knows nobody knows what it means, nor where it could go on."""

    def step(_runner: Runner, job: Job) -> Progress:
        if job.cursor:
            raise ValueError("x")
        return Progress([1], done=1, total=9, counts={"n": 1})

    def failed(runner: Runner, job: Job) -> list[Write]:
        return [Set("crmTest/failed", {**job.to_data(), "by": runner.actor})]

    bench = Bench(step=step)
    job_id = bench.start(to=9)
    bench.run(job_id, steps=1)
    before: Any = bench.document(job_id)
    kinds = {KIND: replace(kind(step), on_failure=failed)} if known else {}
    assert jobs.run(replace(bench.world.runner, actor="system"), kinds, job_id, 60) is True
    after: Any = bench.document(job_id)
    expected = {
        "state": "failed",
        "error": "internal" if known else "unknown-kind",
        "cursor": [1] if known else None,
    }
    assert after == {**before, **expected, "updatedAt": after["updatedAt"]}
    assert after["updatedAt"] > before["updatedAt"]
    meaning = {"failed": {**after, "by": "system"}} if known else {}
    assert bench.world.store.all("crmTest") == meaning


def test_a_job_is_begun_with_all_that_is_known_of_it() -> None:
    bench = Bench()
    runner = replace(bench.world.runner, actor="u1-staff")
    queue: list[str] = []
    job_id = jobs.start(runner, queue.append, "kind", {"of": "x"}, action="test.kind", total=7)
    made: Any = bench.document(job_id)
    expected = Job(
        job_id, "kind", {"of": "x"}, "u1-staff", made["startedAt"], made["startedAt"], total=7
    )
    assert Job.from_data(job_id, made) == expected
    assert queue == [job_id]
    (entry,) = bench.world.store.all(AUDIT).values()
    shown = {name: entry[name] for name in ("action", "actor", "customers", "facts", "at")}
    assert shown == {
        "action": "test.kind",
        "actor": "u1-staff",
        "customers": [],
        "facts": {"job": job_id},
        "at": made["startedAt"],
    }


def test_what_a_slice_costs_besides_what_its_steps_do() -> None:
    bench, bill = FanBench(names=("a", "b", "c"), cuts=(), workers=1), Bill()
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    store = bench.world.store
    bench.world.runner = replace(bench.world.runner, store=Counting(store, bill))
    bench.deliver(bench.world.queue.pop(), seconds=0)
    # The job; the job with the slice; the two documents that the step touches, and its commit.
    assert (bill.reads, bill.trips, bill.writes) == (1 + 2 + 2, 4, 1 + 2)
    assert bench.world.queue == [f"{job_id}-0-0"]
