"""Jobs: what a step leaves, and what may end a worker between any two of its remote calls."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from crm.core.errors import ConfigError, Conflict, Refusal, Transient, Unfinished
from crm.db.collections import AUDIT, JOBS
from crm.db.documents import Version, Write
from crm.db.runner import Runner
from crm.entrypoints.triggers import worker
from crm.jobs import control as job_control
from crm.jobs import housekeeping
from crm.jobs import run as jobs
from crm.jobs.job import Job, Progress, Resumes
from testing.world import World
from tests.support.faults import Killed
from tests.support.jobs import KIND, Bench, counting, kind


def test_a_job_is_made_recorded_and_handed_over() -> None:
    bench = Bench()
    job_id = bench.start()
    assert bench.world.queue == [job_id]
    made = bench.document(job_id)
    assert made["state"] == "queued"
    assert (made["done"], made["total"], made["error"], made["result"]) == (0, None, None, {})
    assert made["startedAt"] == made["updatedAt"]
    (entry,) = bench.world.store.all(AUDIT).values()
    assert (entry["action"], entry["actor"]) == ("test.count", "u1-staff")
    assert entry["facts"] == {"job": job_id}


def test_steps_add_up_and_the_last_one_drops_what_is_no_longer_needed() -> None:
    bench = Bench()
    job_id = bench.start(to=3)
    assert not bench.run(job_id, steps=1)
    after_one = bench.document(job_id)
    assert (after_one["state"], after_one["done"], after_one["total"]) == ("running", 1, 3)
    assert after_one["cursor"] == 1
    assert bench.run(job_id)
    done = bench.document(job_id)
    assert (done["state"], done["done"], done["error"]) == ("done", 3, None)
    assert done["result"] == {"counted": 3, "even": 1}
    assert (done["arguments"], done["cursor"]) == ({}, None)
    assert bench.counted == 3
    writes = bench.world.store.writes
    assert bench.run(job_id)
    assert bench.world.store.writes == writes


def test_time_ends_a_run_after_a_step() -> None:
    bench = Bench()
    job_id = bench.start(to=5)
    assert not bench.run(job_id, seconds=0)
    assert bench.counted == 1


def test_a_step_acts_in_the_name_of_who_asked() -> None:
    actors = []

    def step(runner: Runner, job: Job) -> Progress:
        actors.append(runner.actor)
        return Progress(finished=True)

    bench = Bench(step=step)
    bench.run(bench.start())
    assert actors == ["u1-staff"]


@pytest.mark.parametrize("kill_at", range(1, 40))
def test_a_worker_that_dies_anywhere_loses_and_repeats_nothing(kill_at: int) -> None:
    bench = Bench()
    store = bench.world.store
    calls = 0

    def pause() -> None:
        nonlocal calls
        calls += 1
        if calls == kill_at:
            raise Killed

    store.pause = pause
    job_id = None
    try:
        job_id = bench.start(to=4)
        bench.run(job_id)
    except Killed:
        pass
    store.pause = lambda: None
    for left in store.all(JOBS):
        assert bench.run(left)
        assert bench.document(left)["result"] == {"counted": 4, "even": 2}
        assert bench.counted == 4
    if job_id is None:  # never answered: there or not
        assert len(store.all(JOBS)) == len(store.all(AUDIT)) <= 1


def test_of_two_workers_at_once_only_one_takes_a_step() -> None:
    bench = Bench()
    job_id = bench.start(to=6)
    store = bench.world.store
    calls = 0

    def pause() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:  # between this worker's reading and its commit
            bench.run(job_id, steps=2)

    store.pause = pause
    assert bench.run(job_id)
    assert bench.document(job_id)["result"] == {"counted": 6, "even": 3}
    assert bench.counted == 6


def test_a_start_whose_answer_was_lost_makes_one_job() -> None:
    bench = Bench()
    store = bench.world.store
    lost: list[bool] = []
    commit = store.commit

    def losing(writes: Sequence[Write]) -> list[Version]:
        versions = commit(writes)
        if not lost:
            lost.append(True)
            raise Transient("no answer")
        return versions

    store.commit = losing  # type: ignore[method-assign]
    job_id = bench.start()
    assert list(store.all(JOBS)) == [job_id]
    assert len(store.all(AUDIT)) == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refusal("failed-precondition", "tag-busy", "Wait."), "tag-busy"),
        (KeyError("alice@example.com"), "internal"),
    ],
)
def test_what_can_never_work_fails_the_job(
    error: Exception, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    def step(_runner: Runner, job: Job) -> Progress:
        if job.cursor:
            raise error
        return Progress(cursor=1, done=1)

    bench = Bench(step=step)
    job_id = bench.start()
    assert bench.run(job_id)
    failed = bench.document(job_id)
    assert (failed["state"], failed["error"], failed["done"]) == ("failed", code, 1)
    assert (failed["arguments"], failed["cursor"]) == ({"to": 3}, 1)
    assert job_id in caplog.text
    assert "alice" not in caplog.text
    assert bench.run(job_id)


@pytest.mark.parametrize("error", [Transient("away"), Conflict("moved"), ConfigError("no key")])
def test_what_may_work_later_leaves_the_job_as_it_is(error: Exception) -> None:
    def step(_runner: Runner, _job: Job) -> Progress:
        raise error

    bench = Bench(step=step)
    job_id = bench.start()
    before = bench.document(job_id)
    retry = replace(bench.world.runner.retry, seconds=0.01)
    with pytest.raises(type(error)):
        jobs.run(replace(bench.world.runner, retry=retry), {KIND: kind(step)}, job_id, 60)
    assert bench.document(job_id) == before


@pytest.mark.parametrize(("resumes", "cursor"), [("cursor", 1), ("start", None), ("afresh", None)])
def test_a_failed_job_keeps_its_place_where_that_is_of_use(
    resumes: Resumes, cursor: int | None
) -> None:
    def step(_runner: Runner, job: Job) -> Progress:
        if job.cursor:
            raise Refusal("failed-precondition", "tag-busy", "Wait.")
        return Progress(cursor=1)

    bench = Bench(step=step, resumes=resumes)
    job_id = bench.start()
    assert bench.run(job_id)
    assert bench.document(job_id)["cursor"] == cursor


def test_a_kind_that_no_worker_knows_fails() -> None:
    bench = Bench()
    job_id = bench.start()
    jobs.run(bench.world.runner, {}, job_id, 60)
    assert bench.document(job_id)["error"] == "unknown-kind"


def test_a_queue_that_is_away_leaves_the_job_to_the_sweep(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()

    def away(_job_id: str) -> None:
        raise Transient("away")

    runner, store = bench.world.runner, bench.world.store
    job_id = jobs.start(runner, away, KIND, {"to": 1}, action="test.count")
    assert job_id in caplog.text
    assert housekeeping.stale(store, store.now()) == []
    assert housekeeping.stale(store, store.now() + 2 * housekeeping.STALE) == [job_id]
    bench.run(job_id)
    assert housekeeping.stale(store, store.now() + 2 * housekeeping.STALE) == []


def test_progress_always_moves_the_version_on() -> None:
    bench = Bench(step=lambda _runner, _job: Progress())
    job_id = bench.start()
    bench.run(job_id, steps=1)
    before = bench.document(job_id)["updatedAt"]
    frozen = replace(bench.world.runner, now=lambda: bench.world.store.now() - timedelta(days=1))
    jobs.run(frozen, {KIND: kind(bench.step)}, job_id, 0)
    after = bench.document(job_id)["updatedAt"]
    assert after > before  # type: ignore[operator]


def test_what_has_been_over_for_long_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    store = bench.world.store
    done, failed, queued = (bench.start(to=1) for _ in range(3))
    bench.run(done)
    jobs.run(bench.world.runner, {}, failed, 60)
    later = store.now() + housekeeping.RETENTION
    assert housekeeping.delete_expired(store, later - timedelta(hours=1)) == 0
    assert {*store.all(JOBS)} == {done, failed, queued}
    monkeypatch.setattr(housekeeping, "EXPIRED_AT_ONCE", 2)  # one of them open
    after = later + timedelta(hours=1)
    assert [housekeeping.delete_expired(store, after) for _ in range(3)] == [1, 1, 0]
    assert {*store.all(JOBS)} == {queued}  # never done, so never too old


def test_a_job_that_is_taken_up_again_meanwhile_is_not_deleted() -> None:
    bench = Bench()
    store = bench.world.store
    job_id = bench.start()
    jobs.run(bench.world.runner, {}, job_id, 60)
    commit = store.commit

    def late(writes: Sequence[Write]) -> list[Version]:
        store.put(f"{JOBS}/{job_id}", {**bench.document(job_id), "state": "queued"})
        return commit(writes)

    store.commit = late  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        housekeeping.delete_expired(store, store.now() + 2 * housekeeping.RETENTION)
    assert bench.document(job_id)["state"] == "queued"


# The worker


def test_a_worker_enqueues_what_is_not_over(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    job_id = bench.start(to=3)
    monkeypatch.setattr(worker, "KINDS", {KIND: kind(counting)})
    monkeypatch.setattr(worker, "SECONDS", 0)
    seen = []
    while bench.world.queue:
        seen.append(bench.world.queue.pop(0))
        worker.work({"jobId": seen[-1]}, lambda: bench.world.services)
    assert seen == [job_id] * 3
    assert bench.document(job_id)["state"] == "done"


@pytest.mark.parametrize("payload", [None, [], "x", {}, {"jobId": 1}, {"jobId": "a/b"}])
def test_a_worker_drops_what_names_no_job(payload: object) -> None:
    world = World()
    worker.work(payload, lambda: world.services)
    assert (world.store.reads, world.queue) == (0, [])


def test_a_worker_drops_a_job_that_is_not_there(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    worker.work({"jobId": "none"}, lambda: world.services)
    assert "none" in caplog.text
    assert world.queue == []


def test_a_worker_that_is_not_done_has_the_queue_call_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def step(_runner: Runner, _job: Job) -> Progress:
        raise ConfigError("alice@example.com")

    bench = Bench(step=step)
    job_id = bench.start()
    monkeypatch.setattr(worker, "KINDS", {KIND: kind(step)})
    with pytest.raises(Unfinished, match=job_id), caplog.at_level(logging.INFO):
        worker.work({"jobId": job_id}, lambda: bench.world.services)
    assert "alice" not in caplog.text


# get_job


def test_a_job_is_shown_without_what_is_internal() -> None:
    bench = Bench()
    job_id = bench.start()
    answer = job_control.get_job(bench.world.store, job_id, bench.world.runner.retry)
    assert answer == {
        "job": {
            "jobId": job_id,
            "kind": KIND,
            "state": "queued",
            "done": 0,
            "total": None,
            "error": None,
            "startedAt": bench.document(job_id)["startedAt"],
            "updatedAt": bench.document(job_id)["updatedAt"],
            "result": {},
            "drift": bench.document(job_id)["drift"],
        }
    }


def test_a_job_that_is_not_there_is_not_found() -> None:
    world = World()
    with pytest.raises(Refusal) as refused:
        job_control.get_job(world.store, "none", world.runner.retry)
    assert (refused.value.code, refused.value.reason) == ("not-found", "no-such-job")
