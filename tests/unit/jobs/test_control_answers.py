"""What staff are told when they stop a job or take it up again, and what the audit trail keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from crm.core.errors import Conflict, Refusal, Transient
from crm.core.roles import Role
from crm.db.collections import AUDIT, JOBS, SLICES
from crm.db.documents import Set, Write
from crm.db.retry import RetryPolicy
from crm.db.transaction import Transaction
from crm.jobs import control
from crm.jobs.job import Job, Kinds
from tests.support.fanning import FanBench
from tests.support.jobs import KIND, Bench

STAFF = "u1-other"


def cancel(bench: Bench, job_id: str, kinds: Kinds | None = None, role: Any = Role.EDITOR) -> Any:
    runner = replace(bench.world.runner, actor=STAFF)
    return control.cancel(runner, bench.kinds if kinds is None else kinds, role, job_id)["job"]


def retry(bench: Bench, job_id: str, kinds: Kinds | None = None, role: Any = Role.EDITOR) -> Any:
    runner, enqueue = replace(bench.world.runner, actor=STAFF), bench.world.queue.append
    kinds = bench.kinds if kinds is None else kinds
    return control.retry(runner, enqueue, kinds, role, job_id)["job"]


def get(bench: Bench, job_id: str) -> Any:
    return control.get_job(bench.world.store, job_id, bench.world.runner.retry)["job"]


def refused(act: Callable[[], object]) -> tuple[str, str, str]:
    with pytest.raises(Refusal) as caught:
        act()
    one = caught.value
    return one.code, one.reason, one.message


NO_SUCH_JOB = ("not-found", "no-such-job", "No job has this id: check it.")

JOB_OVER = (
    "failed-precondition",
    "job-over",
    "The job is over, so there is nothing to cancel: `get_job` says how it ended.",
)

JOB_MUST_END = (
    "failed-precondition",
    "job-must-end",
    "Work of this kind must not be left half done: wait until it is over.",
)

UNKNOWN_KIND = (
    "failed-precondition",
    "unknown-kind",
    "No worker knows this kind of work.",
)


@pytest.mark.parametrize("act", [cancel, retry, get])
def test_a_job_that_is_not_there_is_refused(act: Callable[[Bench, str], object]) -> None:
    assert refused(lambda: act(Bench(), "none")) == NO_SUCH_JOB


@pytest.mark.parametrize("act", [cancel, retry])
def test_a_kind_that_nobody_knows_is_refused_whoever_asks(act: Callable[..., object]) -> None:
    bench = Bench()
    job_id = bench.start()
    assert refused(lambda: act(bench, job_id, {}, None)) == UNKNOWN_KIND


@pytest.mark.parametrize("act", [cancel, retry])
@pytest.mark.parametrize("role", [None, Role.VIEWER])
def test_who_may_not_begin_a_job_may_not_stop_it_or_take_it_up(
    act: Callable[..., object], role: Role | None
) -> None:
    bench = Bench()
    job_id = bench.start()
    bench.run(job_id, steps=1)
    before = bench.document(job_id)
    code, reason, _ = refused(lambda: act(bench, job_id, None, role))
    assert (code, reason) == ("permission-denied", "role")
    assert bench.document(job_id) == before


@pytest.mark.parametrize("failed", [False, True])
def test_a_job_that_is_over_is_not_cancelled(failed: bool) -> None:
    """Also where it must not be cancelled at all, for so it says how to go on."""
    bench = Bench()
    job_id = bench.start(to=1)
    bench.run(job_id)
    if failed:
        data = {**bench.document(job_id), "state": "failed", "error": "other"}
        bench.world.store.put(f"{JOBS}/{job_id}", data)
    must_end = {KIND: replace(bench.kinds[KIND], cancellable=False)}
    assert refused(lambda: cancel(bench, job_id)) == JOB_OVER
    assert refused(lambda: cancel(bench, job_id, must_end)) == JOB_OVER


def test_what_must_end_is_not_cancelled() -> None:
    bench = Bench()
    job_id = bench.start()
    before = bench.document(job_id)
    kinds = {KIND: replace(bench.kinds[KIND], cancellable=False)}
    assert refused(lambda: cancel(bench, job_id, kinds)) == JOB_MUST_END
    assert bench.document(job_id) == before


def entries(bench: Bench) -> list[dict[str, Any]]:
    """What the audit trail says of all but the making of the job, the oldest first."""
    found = sorted(bench.world.store.all(AUDIT).values(), key=lambda one: one["at"])[1:]
    names = ("action", "actor", "customers", "facts")
    return [{name: one[name] for name in names} for one in found]


def test_the_audit_trail_says_who_stopped_which_job_and_who_took_it_up() -> None:
    bench = Bench()
    job_id = bench.start()
    cancel(bench, job_id)
    retry(bench, job_id)
    same = {"actor": STAFF, "customers": [], "facts": {"job": job_id}}
    assert entries(bench) == [{"action": "job.cancel", **same}, {"action": "job.retry", **same}]


@pytest.mark.parametrize("resumes", ["cursor", "start", "afresh"])
def test_a_job_is_stopped_and_taken_up_in_its_document(resumes: Any) -> None:
    bench = Bench(resumes=resumes)
    job_id = bench.start(to=3)
    bench.run(job_id, steps=1)
    before: Any = bench.document(job_id)
    told = cancel(bench, job_id)
    stopped: Any = bench.document(job_id)
    cursor = 1 if resumes == "cursor" else None
    assert {**stopped, "updatedAt": 0} == {
        **before,
        "state": "failed",
        "error": "cancelled",
        "cursor": cursor,
        "updatedAt": 0,
    }
    assert stopped["updatedAt"] > before["updatedAt"]
    assert told == get(bench, job_id) == Job.from_data(job_id, stopped).shown()
    told = retry(bench, job_id)
    again: Any = bench.document(job_id)
    anew = {"done": 0, "result": {}, "drift": []} if resumes == "afresh" else {}
    assert {**again, "updatedAt": 0} == {
        **before,
        **anew,
        "state": "queued",
        "error": None,
        "actor": STAFF,
        "cursor": cursor,
        "updatedAt": 0,
    }
    assert again["updatedAt"] > stopped["updatedAt"]
    assert told == get(bench, job_id) == Job.from_data(job_id, again).shown()


@pytest.mark.parametrize(("steps", "called"), [(0, True), (1, True), (3, False)])
def test_a_retry_has_a_worker_look_at_a_job_that_goes_on(steps: int, called: bool) -> None:
    """Its task may have been lost, and whoever asks for a retry sees nothing happen."""
    bench = Bench()
    job_id = bench.start(to=3)
    if steps:
        bench.run(job_id, steps=steps)
    bench.world.queue.clear()
    retry(bench, job_id)
    assert bench.world.queue == [job_id] * called
    assert entries(bench) == []


def test_a_retry_that_the_queue_does_not_take_is_left_to_the_sweep(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench()
    job_id = bench.start()
    cancel(bench, job_id)

    def away(_: str) -> None:
        raise Transient("away")

    answer: Any = control.retry(bench.world.runner, away, bench.kinds, Role.EDITOR, job_id)
    assert answer["job"]["state"] == "queued"
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert record.getMessage() == f"job {job_id} was not enqueued: away"


def test_what_a_retry_writes_besides_is_committed_with_it_and_may_refuse_it() -> None:
    bench, asked = Bench(), list[str]()
    job_id = bench.start()
    cancel(bench, job_id)
    gone = Refusal("not-found", "no-such-tag", "It is gone.")

    def on_retry(tx: Transaction, job: Job) -> list[Write]:
        asked.append(f"{job.id} {job.state} {tx.actor}")
        if len(asked) == 1:
            raise gone
        return [Set("crmTest/again", {"kind": job.kind})]

    kinds = {KIND: replace(bench.kinds[KIND], on_retry=on_retry)}
    before = bench.document(job_id)
    assert refused(lambda: retry(bench, job_id, kinds))[1] == "no-such-tag"
    assert bench.document(job_id) == before
    retry(bench, job_id, kinds)
    assert bench.world.store.all("crmTest") == {"again": {"kind": KIND}}
    assert {*asked} == {f"{job_id} failed {STAFF}"}


@pytest.mark.parametrize(
    ("resumes", "taken_up"), [("cursor", True), ("start", False), ("afresh", False)]
)
def test_a_job_that_fails_meanwhile_is_not_begun_anew_before_its_slices_are_added_up(
    resumes: Any, taken_up: bool
) -> None:
    """Else what they had counted would be counted once more, or never."""
    bench = FanBench(resumes=resumes)
    job_id = bench.start()
    bench.deliver(bench.world.queue.pop())
    store, calls = bench.world.store, list[None]()

    def fail() -> None:
        calls.append(None)
        if len(calls) == 3:  # the job was looked at, and there was nothing to settle
            store.pause = lambda: None
            data = {**bench.document(job_id), "state": "failed", "error": "x"}
            store.put(f"{JOBS}/{job_id}", data)

    store.pause = fail
    bench.world.runner = replace(bench.world.runner, retry=RetryPolicy(seconds=0))
    if taken_up:
        assert bench.retry(job_id)["state"] == "queued"
        return
    with pytest.raises(Conflict, match="not added up yet"):
        bench.retry(job_id)
    assert bench.document(job_id)["state"] == "failed"
    assert bench.retry(job_id)["state"] == "queued"
    assert store.all(SLICES) == {}


def test_to_look_at_a_job_without_slices_or_to_stop_it_reads_it_once() -> None:
    bench = Bench()
    job_id = bench.start()
    reads = bench.world.store.reads
    get(bench, job_id)
    assert bench.world.store.reads - reads == 1
    reads = bench.world.store.reads
    cancel(bench, job_id)
    assert bench.world.store.reads - reads == 2  # and the end of the audit trail
