"""Stopping jobs and taking them up again: who may, what stays, and what a worker makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from crm.core.errors import Conflict, Refusal, Transient
from crm.core.roles import Role
from crm.customers.reference import CustomerRef
from crm.db.collections import AUDIT, JOBS, SEGMENTS, TAGS
from crm.db.runner import Runner
from crm.entrypoints.job_kinds import KINDS
from crm.jobs import control as job_control
from crm.jobs import job as job_model
from crm.jobs import run as jobs
from crm.jobs.job import Job, Progress
from crm.privacy.erasure import job as erasure_steps
from crm.privacy.erasure.erase import erase
from crm.repair import rebuild_job
from crm.segments.language.text import parse
from crm.segments.saved import save
from crm.segments.saved_plan import Definition
from crm.tags import jobs as tag_jobs
from crm.tags import tagging
from crm.tags.plan import Change, plan_tags
from testing.hosts import order
from testing.world import World
from tests.support.jobs import Bench
from tests.support.tagging import Shop

STAFF = "u1-other"


def cancel(bench: Bench, job_id: str, role: Role = Role.EDITOR) -> dict[str, Any]:
    runner = replace(bench.world.runner, actor=STAFF)
    answer: Any = job_control.cancel(runner, bench.kinds, role, job_id)
    return dict(answer["job"])


def retry(bench: Bench, job_id: str, role: Role = Role.EDITOR) -> dict[str, Any]:
    runner = replace(bench.world.runner, actor=STAFF)
    enqueue = bench.world.queue.append
    answer: Any = job_control.retry(runner, enqueue, bench.kinds, role, job_id)
    return dict(answer["job"])


def refusal(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code, refused.value.reason


def actions(bench: Bench) -> list[tuple[str, str]]:
    entries = bench.world.store.all(AUDIT).values()
    return [(one["action"], one["actor"]) for one in sorted(entries, key=lambda one: one["at"])]


def test_a_job_is_cancelled_between_two_steps() -> None:
    bench = Bench()
    job_id = bench.start(to=3)
    bench.run(job_id, steps=1)
    told = cancel(bench, job_id)
    assert (told["state"], told["error"], told["done"]) == ("failed", "cancelled", 1)
    assert told["result"] == {"counted": 1, "even": 0}
    assert not {*told} & job_model.INTERNAL
    assert actions(bench) == [("test.count", "u1-staff"), ("job.cancel", STAFF)]
    assert bench.run(job_id)
    assert bench.counted == 1


def test_to_cancel_again_answers_the_same() -> None:
    bench = Bench()
    job_id = bench.start()
    told = cancel(bench, job_id)
    writes = bench.world.store.writes
    assert cancel(bench, job_id) == told
    assert bench.world.store.writes == writes


@pytest.mark.parametrize("at", range(1, 6))
def test_a_worker_in_the_middle_of_a_step_loses_it(at: int) -> None:
    """Between any two remote calls of a step somebody cancels: the step is done or it is not."""
    bench = Bench()
    job_id = bench.start(to=2)
    calls = 0

    def pause() -> None:
        nonlocal calls
        calls += 1
        if calls == at:
            bench.world.store.pause = lambda: None
            cancel(bench, job_id)

    bench.world.store.pause = pause
    assert bench.run(job_id)
    assert calls == at
    job = bench.document(job_id)
    assert (job["state"], job["error"]) == ("failed", "cancelled")
    assert job["done"] == bench.counted < 2


def test_what_is_over_is_not_cancelled() -> None:
    bench = Bench()
    job_id = bench.start(to=1)
    bench.run(job_id)
    before = bench.world.store.writes
    assert refusal(lambda: cancel(bench, job_id)) == ("failed-precondition", "job-over")
    assert refusal(lambda: cancel(bench, "none")) == ("not-found", "no-such-job")
    assert refusal(lambda: retry(bench, "none")) == ("not-found", "no-such-job")
    assert bench.world.store.writes == before


def test_a_failed_job_goes_on_where_it_stopped() -> None:
    bench = Bench()
    job_id = bench.start(to=3)
    bench.run(job_id, steps=2)
    cancel(bench, job_id)
    bench.world.queue.clear()
    told = retry(bench, job_id)
    assert (told["state"], told["error"], told["done"]) == ("queued", None, 2)
    assert bench.world.queue == [job_id]
    assert bench.document(job_id)["actor"] == STAFF
    assert bench.run(job_id)
    assert (bench.counted, bench.document(job_id)["result"]) == (3, {"counted": 3, "even": 1})
    assert actions(bench)[-1] == ("job.retry", STAFF)


def test_what_keeps_nothing_counts_anew() -> None:
    seen: list[int] = []

    def step(_runner: Runner, job: Job) -> Progress:
        at = job.cursor or 0
        seen.append(at)
        drift = [{"customerId": f"c{at}", "fields": ["name"]}]
        return Progress(at + 1, done=1, counts={"seen": 1}, drift=drift, finished=at == 2)

    bench = Bench(step=step, resumes="afresh")
    job_id = bench.start()
    bench.run(job_id, steps=2)
    cancel(bench, job_id)
    told = retry(bench, job_id)
    assert (told["done"], told["result"], told["drift"]) == (0, {}, [])
    bench.run(job_id)
    assert seen == [0, 1, 0, 1, 2]
    done: Any = bench.document(job_id)
    assert (done["done"], done["result"], len(done["drift"])) == (3, {"seen": 3}, 3)
    assert (done["arguments"], done["cursor"]) == ({}, None)


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_to_retry_what_has_not_failed_changes_nothing(steps: int) -> None:
    bench = Bench()
    job_id = bench.start(to=3)
    if steps:
        bench.run(job_id, steps=steps)
    before, writes = bench.document(job_id), bench.world.store.writes
    assert retry(bench, job_id)["state"] == before["state"]
    assert bench.world.store.writes == writes


@pytest.mark.parametrize("act", [cancel, retry])
def test_an_answer_that_was_lost_leaves_one_entry(
    act: Callable[[Bench, str], dict[str, Any]],
) -> None:
    bench = Bench()
    job_id = bench.start()
    if act is retry:
        cancel(bench, job_id)
    entries = len(bench.world.store.all(AUDIT))
    commit = bench.world.store.commit
    lost: list[bool] = []

    def losing(writes: Any) -> list[int]:
        versions = commit(writes)
        if not lost:
            lost.append(True)
            raise Transient("no answer")
        return versions

    bench.world.store.commit = losing  # type: ignore[method-assign]
    assert act(bench, job_id)["state"] == ("queued" if act is retry else "failed")
    assert len(bench.world.store.all(AUDIT)) == entries + 1
    assert bench.world.queue == [job_id] * (2 if act is retry else 1)


# The kinds of work


def controls(world: World) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def stop(job_id: object, role: Role = Role.ADMIN) -> Any:
        return job_control.cancel(world.runner, KINDS, role, str(job_id))["job"]

    def go_on(job_id: object, role: Role = Role.ADMIN) -> Any:
        enqueue = world.queue.append
        return job_control.retry(world.runner, enqueue, KINDS, role, str(job_id))["job"]

    return stop, go_on


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two documents a step, one step in the call."""
    monkeypatch.setattr(tag_jobs, "PAGE", 2)
    monkeypatch.setattr(tagging, "INLINE_STEPS", 1)
    monkeypatch.setattr(rebuild_job, "STEP", 2)
    monkeypatch.setattr(erasure_steps, "PAGE", 2)


@pytest.mark.usefixtures("small_steps")
def test_half_a_segment_is_tagged_and_then_the_rest() -> None:
    shop = Shop("abcdef")
    stop, go_on = controls(shop)
    job_id = shop.tag_segment("everyone", add=["x"])["jobId"]
    assert stop(job_id, Role.EDITOR)["result"]["updated"] == 2
    shop.work()
    assert shop.listed()["x"][1] == 2
    go_on(job_id, Role.EDITOR)
    shop.work()
    assert (shop.job(job_id)["state"], shop.job(job_id)["done"]) == ("done", 6)
    assert (shop.listed()["x"][1], shop.job(job_id)["result"]["updated"]) == (6, 6)


@pytest.mark.usefixtures("small_steps")
def test_a_tag_is_deleted_from_some_and_given_again_before_the_rest_goes() -> None:
    shop = Shop("abcdef")
    stop, go_on = controls(shop)
    shop.tag("abcdef", add=["x"])
    job_id = shop.delete("x")["jobId"]
    assert stop(job_id)["result"] == {"updated": 2}
    shop.work()
    assert shop.listed() == {"x": ("x", 4)}
    without = [name for name in "abcdef" if not shop.tags(name)]
    shop.tag(without[0], add=["x"])  # nothing holds the tag any more
    go_on(job_id)
    assert refusal(lambda: shop.tag(without[1], add=["x"])) == ("failed-precondition", "tag-busy")
    shop.work()
    assert shop.listed() == {}
    assert not any(shop.tags(name) for name in "abcdef")
    assert shop.job(job_id)["result"] == {"updated": 7}


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("at", range(1, 12))
def test_who_read_before_a_deletion_went_on_gives_no_tag_behind_it(at: int) -> None:
    """The old mark holds nothing back; the new one does, at whatever call of the worker."""
    shop = Shop("abcd")
    stop, go_on = controls(shop)
    shop.tag("abc", add=["x"])
    job_id = shop.delete("x")["jobId"]
    stop(job_id)
    shop.queue.clear()
    ids, change = shop.ids("d"), Change({"x": "x"})
    giving = shop.runner.evaluate(lambda tx: plan_tags(tx, ids, change, refuse_full=True))
    go_on(job_id)
    calls = 0

    def pause() -> None:
        nonlocal calls
        calls += 1
        if calls == at:
            with pytest.raises(Conflict):
                shop.store.commit(giving.writes)

    shop.store.pause = pause
    shop.work()
    shop.store.pause = lambda: None
    assert calls >= at
    assert shop.job(job_id)["state"] == "done"
    assert shop.tags("d") == []


@pytest.mark.usefixtures("small_steps")
def test_a_rename_goes_on_to_its_end() -> None:
    shop = Shop("abcdef")
    stop, go_on = controls(shop)
    shop.tag("abcdef", add=["x"])
    saved, _ = save(shop.runner, Definition("Mine", parse("tag:x")))
    job_id = shop.rename("x", "y")["jobId"]
    assert refusal(lambda: stop(job_id)) == ("failed-precondition", "job-must-end")

    def broken(_runner: object, _job: object) -> Any:
        raise KeyError

    kinds = {tag_jobs.RENAME: replace(KINDS[tag_jobs.RENAME], step=broken)}
    jobs.run(shop.runner, kinds, str(job_id), 60)
    shop.queue.clear()
    other = shop.delete("x")["jobId"]
    assert refusal(lambda: go_on(job_id)) == ("failed-precondition", "tag-busy")
    stop(other)
    go_on(job_id)
    shop.work()
    assert shop.job(job_id)["state"] == "done"
    assert list(shop.listed()) == ["y"]
    assert shop.store.all(SEGMENTS)[saved]["text"] == "tag:y"
    for row in shop.store.all(TAGS).values():
        assert (row["state"], row["jobId"], row["since"]) == (None, None, None)
    assert refusal(lambda: go_on(other)) == ("not-found", "no-such-tag")


@pytest.mark.usefixtures("small_steps")
def test_a_rebuild_is_stopped_and_begun_anew_by_admins_alone() -> None:
    shop = Shop("abcdef")
    stop, go_on = controls(shop)
    shop.store.put("orders/lost", order("lost@example.com"))
    job_id = rebuild_job.start(shop.runner, shop.queue.append, dry_run=False)
    jobs.run(shop.runner, KINDS, job_id, 60, steps=2)
    for act in (stop, go_on):
        code, reason = refusal(lambda act=act: act(job_id, Role.EDITOR))  # type: ignore[misc]
        assert (code, reason) == ("permission-denied", "role")
    stop(job_id)
    failed = shop.job(job_id)
    # Where it was is an id of the host's, perhaps a uid: nobody who is erased stays in it.
    assert (failed["cursor"], failed["arguments"]) == (None, {"dryRun": False, "cut": False})
    go_on(job_id)
    shop.work()
    job = shop.job(job_id)
    assert (job["state"], job["done"]) == ("done", job["total"])
    assert shop.wrong() == []


@pytest.mark.usefixtures("small_steps")
def test_an_erasure_is_never_stopped() -> None:
    shop = Shop("a")
    for number in range(5):
        shop.put_order(f"more-{number}", order("a@example.com"))
    stop, go_on = controls(shop)
    who = CustomerRef("email", "a@example.com")
    answer = erase(shop.runner, shop.queue.append, who, reason="by letter", seconds=0)
    assert answer["status"] == "running"
    (job_id,) = [name for name, job in shop.store.all(JOBS).items() if job["kind"] == "erasure"]
    assert refusal(lambda: stop(job_id)) == ("failed-precondition", "job-must-end")
    kinds = {"erasure": replace(KINDS["erasure"], step=orders_left)}
    jobs.run(shop.runner, kinds, job_id, 60)
    assert shop.job(job_id)["error"] == "orders-left"
    assert refusal(lambda: go_on(job_id, Role.EDITOR)) == ("permission-denied", "role")
    go_on(job_id)
    shop.work()
    assert shop.job(job_id)["state"] == "done"
    assert erase(shop.runner, shop.queue.append, who, reason="by letter")["status"] == "done"


def orders_left(_runner: object, _job: object) -> Any:
    raise Refusal("failed-precondition", "orders-left", "Some orders could not be redacted.")


def test_a_kind_that_nobody_knows_is_left_alone() -> None:
    bench = Bench()
    job_id = bench.start()
    expected = ("failed-precondition", "unknown-kind")
    for act in controls(bench.world):
        assert refusal(lambda act=act: act(job_id)) == expected  # type: ignore[misc]
