"""What sending, pausing, going on and ending write: the campaign, its job and the audit trail."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.campaigns import control
from crm.campaigns.campaign import Campaign, CampaignState
from crm.core.errors import Refusal, Transient
from crm.db.collections import AUDIT, AUDIT_HEADS, CUSTOMERS, JOBS
from crm.db.documents import Query, Snapshot
from crm.jobs.job import Job
from testing.world import World
from tests.support.campaigns import STAFF, campaign_in, put_campaign, world_of


@pytest.fixture
def world() -> World:
    """Ten people, a draft to them, and a clock that stands still."""
    world = world_of(10)
    put_campaign(world)
    now = world.store.now() + timedelta(hours=1)
    world.runner = replace(world.runner, now=lambda: now)
    return world


def send(world: World, expected: int = 10, **more: Any) -> Campaign:
    return control.send(world.runner, world.queue.append, "c1", expected, **more)


def put(world: World, **fields: Any) -> None:
    """Put the campaign as it was written an hour ago."""
    put_campaign(world, updated_at=world.store.now(), **fields)


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def the_job(world: World) -> Job:
    ((name, data),) = world.store.all(JOBS).items()
    return Job.from_data(name, data)


def told(world: World) -> list[tuple[Any, ...]]:
    """What the audit trail says of campaigns, in the order in which it happened."""
    names = ("action", "actor", "customers", "facts")
    entries = sorted(world.store.all(AUDIT).values(), key=lambda one: one["at"])
    return [
        tuple(one[name] for name in names)
        for one in entries
        if one["action"].startswith("campaign.")
    ]


# Sending


def test_sending_writes_when_it_begins_and_ends_and_a_job_that_waits_till_then(
    world: World,
) -> None:
    draft, now = campaign_in(world), world.runner.now()
    sent = send(world)
    start = now + timedelta(seconds=30)
    job = the_job(world)
    assert sent == campaign_in(world)
    assert sent == replace(
        draft,
        state="scheduled",
        updated_at=now,
        scheduled_at=start,
        latest_by=start + timedelta(hours=2),
        expected=10,
        actor=STAFF,
        job_id=job.id,
    )
    assert job == Job(
        job.id, "send_campaign", {"campaignId": "c1"}, STAFF, now, now, total=10, not_before=start
    )
    assert told(world) == [("campaign.send", STAFF, [], {"campaign": "c1"})]


@pytest.mark.parametrize(
    ("at", "start"),
    [
        (timedelta(minutes=-1), timedelta(seconds=30)),
        (timedelta(seconds=29), timedelta(seconds=30)),
        (timedelta(seconds=31), timedelta(seconds=31)),
        (timedelta(days=366), timedelta(days=366)),
    ],
)
def test_it_begins_when_it_was_asked_to_and_the_undo_window_is_over(
    world: World, at: timedelta, start: timedelta
) -> None:
    now = world.runner.now()
    assert send(world, at=now + at, latest_by=now + start).scheduled_at == now + start


@pytest.mark.parametrize(
    ("at", "latest", "reason"),
    [
        (timedelta(minutes=-1, microseconds=-1), None, "at-in-past"),
        (timedelta(days=366, microseconds=1), None, "at-too-far"),
        (timedelta(hours=1), timedelta(minutes=60, microseconds=-1), "latest-before-start"),
        (None, timedelta(seconds=29), "latest-before-start"),
    ],
)
def test_times_are_refused_from_the_moment_on_at_which_they_cannot_be_meant(
    world: World, at: timedelta | None, latest: timedelta | None, reason: str
) -> None:
    now = world.runner.now()
    times = [None if one is None else now + one for one in (at, latest)]
    refusal = refused(lambda: send(world, at=times[0], latest_by=times[1]))
    assert (refusal.code, refusal.reason, refusal.more) == ("invalid-argument", reason, {})
    assert campaign_in(world).state == "draft"


def test_each_refusal_of_sending_has_its_code(world: World) -> None:
    other = refused(lambda: send(world, 11))
    expected = ("failed-precondition", "audience-changed", {"reachable": 10})
    assert (other.code, other.reason, other.more) == expected
    assert "reach 10 people by now, and you were told 11" in other.message
    assert "`expected: 10`" in other.message

    def change(campaign: Campaign) -> None:
        put_campaign(world, revision=campaign.revision + 1)

    meanwhile = refused(lambda: send(world, look_over=change))
    assert (meanwhile.code, meanwhile.reason) == ("failed-precondition", "changed-meanwhile")
    resumed = refused(lambda: control.use_resume(None, None))  # type: ignore[arg-type]
    assert (resumed.code, resumed.reason) == ("failed-precondition", "use-resume")


def test_sent_once_more_a_worker_is_called_again(world: World) -> None:
    sent = send(world)
    assert send(world) == sent
    assert world.queue == [sent.job_id] * 2


@pytest.mark.parametrize("state", ["preparing", "sending", "paused", "done", "halted"])
def test_one_that_is_further_is_answered_as_it_is_and_no_worker_is_called(
    world: World, state: CampaignState
) -> None:
    put_campaign(world, state=state, job_id="j1")
    assert send(world, 99) == campaign_in(world)
    assert (world.queue, world.store.all(JOBS), told(world)) == ([], {}, [])


# Telling the queue


@pytest.mark.parametrize(
    ("state", "seconds", "called"),
    [
        ("scheduled", 90.0, [("j1", 90.0)]),
        ("scheduled", 0.5, [("j1", 0.5)]),
        ("scheduled", 0.0, []),
        ("scheduled", -5.0, []),
        ("sending", 90.0, []),
        ("scheduled", None, []),
    ],
)
def test_the_queue_is_to_call_later_what_has_not_begun(
    world: World, state: CampaignState, seconds: float | None, called: list[tuple[str, float]]
) -> None:
    start = None if seconds is None else world.runner.now() + timedelta(seconds=seconds)
    campaign = replace(campaign_in(world), state=state, scheduled_at=start, job_id="j1")
    for takes in (True, False):
        asked: list[tuple[str, float]] = []

        def later(task: str, seconds: float, asked: Any = asked, takes: bool = takes) -> bool:
            asked.append((task, seconds))
            return takes

        world.queue.clear()
        control.hand_over(world.runner, world.queue.append, later, campaign)
        assert asked == called
        assert world.queue == ([] if called and takes else ["j1"])


def test_what_has_no_job_is_not_handed_over(world: World) -> None:
    def later(*_: object) -> bool:
        raise AssertionError

    control.hand_over(world.runner, world.queue.append, later, campaign_in(world))
    assert world.queue == []


# Pausing, cancelling, going on


@pytest.mark.parametrize(
    ("act", "state"), [(control.pause, "paused"), (control.cancel, "cancelled")]
)
def test_stopping_writes_the_campaign_its_job_and_an_entry(
    world: World, act: Any, state: CampaignState
) -> None:
    sent = send(world)
    put_campaign(world, **{**fields_of(sent), "state": "sending", "ready": True})
    before, job, now = campaign_in(world), the_job(world), world.runner.now()
    stopped = act(world.runner, "c1")
    assert stopped == campaign_in(world)
    ended = now if state == "cancelled" else None
    later = before.updated_at + timedelta(microseconds=1)  # the clock stands still
    assert stopped == replace(before, state=state, updated_at=later, finished_at=ended)
    after = the_job(world)
    assert after == job.failed(state, now, "afresh")
    verb = "pause" if state == "paused" else "cancel"
    assert told(world)[1:] == [(f"campaign.{verb}", STAFF, [], {"campaign": "c1"})]


def fields_of(campaign: Campaign) -> dict[str, Any]:
    names = ("scheduled_at", "latest_by", "expected", "actor", "job_id", "updated_at")
    return {name: getattr(campaign, name) for name in names}


@pytest.mark.parametrize("act", [control.pause, control.cancel])
def test_a_job_that_is_over_or_gone_does_not_keep_one_from_being_stopped(
    world: World, act: Any
) -> None:
    for job_id in ("over", "gone", None):
        put_campaign(world, state="sending", job_id=job_id)
        now = world.runner.now()
        job = Job("over", control.SEND, {}, STAFF, now, now, state="done", done=3)
        world.store.put(job.path, job.to_data())
        act(world.runner, "c1")
        assert campaign_in(world).state in ("paused", "cancelled")
        assert the_job(world) == job


def test_where_slices_cannot_be_settled_now_it_is_stopped_all_the_same(world: World) -> None:
    send(world)
    commit = world.store.commit
    seconds = iter(range(10_000))
    retry = replace(world.runner.retry, clock=lambda: float(next(seconds)))
    world.runner = replace(world.runner, retry=retry)
    now = world.runner.now()
    job = the_job(world).cut(0, [0], 1, None, now)
    world.store.put(job.path, job.to_data())

    def once(writes: Any) -> list[int]:
        if campaign_in(world).state == "cancelled":
            raise Transient("no answer")
        return commit(writes)

    world.store.commit = once  # type: ignore[method-assign]
    assert control.cancel(world.runner, "c1").state == "cancelled"
    assert the_job(world).over


@pytest.mark.parametrize(
    ("state", "ready", "goes_on"),
    [("paused", True, "sending"), ("halted", True, "sending"), ("halted", False, "preparing")],
)
def test_going_on_writes_a_job_that_knows_it_and_an_entry(
    world: World, state: CampaignState, ready: bool, goes_on: CampaignState
) -> None:
    counts = {"audience": 9, "accepted": 4, "refused": 5}
    put(
        world,
        state=state,
        ready=ready,
        expected=10,
        reason="too-many-refusals",
        message="Look.",
        counts=counts,
        baseline={"accepted": 1},
        job_id="old",
    )
    before, now = campaign_in(world), world.runner.now()
    after = control.resume(world.runner, world.queue.append, "c1")
    job = the_job(world)
    assert after == campaign_in(world)
    assert after == replace(
        before,
        state=goes_on,
        reason=None,
        message=None,
        updated_at=now,
        job_id=job.id,
        expected=10 if state == "paused" else None,
        baseline=before.baseline if state == "paused" else counts,
        started_at=now if goes_on == "preparing" else None,
    )
    arguments = {"campaignId": "c1", "resumed": True}
    assert job == Job(job.id, "send_campaign", arguments, STAFF, now, now, total=10)
    assert told(world) == [("campaign.resume", STAFF, [], {"campaign": "c1"})]
    assert world.queue == [job.id]


@pytest.mark.parametrize("state", ["sending", "preparing"])
def test_what_goes_on_already_is_only_called_again(world: World, state: CampaignState) -> None:
    put_campaign(world, state=state, job_id="j1")
    assert control.resume(world.runner, world.queue.append, "c1") == campaign_in(world)
    assert (world.queue, world.store.all(JOBS), told(world)) == (["j1"], {}, [])


@pytest.mark.parametrize("state", ["draft", "scheduled", "done", "cancelled", "missed"])
def test_what_does_not_stand_still_does_not_go_on(world: World, state: CampaignState) -> None:
    put_campaign(world, state=state)
    refusal = refused(lambda: control.resume(world.runner, world.queue.append, "c1"))
    assert (refusal.reason, refusal.more) == ("no-such-move", {"state": state})
    assert "cannot become `sending`" in refusal.message


# A job that failed


@pytest.mark.parametrize(
    ("state", "error", "halts"),
    [
        *((one, "internal", True) for one in ("scheduled", "preparing", "sending")),
        *((one, "internal", False) for one in ("paused", "halted", "done", "cancelled", "draft")),
        *(("sending", one, False) for one in ("paused", "cancelled")),
        ("sending", "damaged", True),
    ],
)
def test_a_job_that_fails_halts_what_it_was_at_work_at(
    world: World, state: CampaignState, error: str, halts: bool
) -> None:
    put(world, state=state, job_id="j1")
    before, now = campaign_in(world), world.runner.now()
    job = Job("j1", control.SEND, {"campaignId": "c1"}, STAFF, now, now, error=error)
    world.store.commit(control.failed(world.runner, job))
    after = campaign_in(world)
    if not halts:
        assert after == before
        return
    halted = {"state": "halted", "reason": "job-failed", "updated_at": now}
    assert after == replace(before, **halted, message=after.message)  # type: ignore[arg-type]
    assert "resume it" in str(after.message)


@pytest.mark.parametrize("arguments", [{}, {"campaignId": None}, {"campaignId": 7}])
def test_a_failed_job_of_no_campaign_halts_none(world: World, arguments: Any) -> None:
    now = world.runner.now()
    job = Job("j1", control.SEND, arguments, STAFF, now, now, error="internal")
    assert control.failed(world.runner, job) == []


# What it costs to look whether the audience is as expected


@pytest.mark.parametrize(
    ("expected", "walks", "reason"),
    [(60, False, None), (62, False, None), (66, True, "audience-changed"), (0, True, None)],
)
def test_only_where_the_count_leaves_it_open_is_everybody_looked_at(
    expected: int, walks: bool, reason: str | None
) -> None:
    world = world_of(60 if expected else 0)
    put_campaign(world)
    world.store.reads = 0
    if reason is None and expected:
        assert send(world, expected).expected == expected
    else:
        refusal = refused(lambda: send(world, expected))
        assert refusal.reason == (reason or "nobody-to-reach")
    assert (world.store.reads > 60) is (walks and expected > 0)


def test_what_the_segment_may_not_mean_is_not_looked_up_again(world: World) -> None:
    """Whoever saved it was told."""
    find, read, seen = world.store.find, world.store.read, list[str]()

    def found(query: Query) -> list[Snapshot]:
        seen.append(query.collection)
        return find(query)

    def was_read(paths: Iterable[str]) -> dict[str, Snapshot]:
        asked = [*paths]
        seen.extend(asked)
        return read(asked)

    world.store.find, world.store.read = found, was_read  # type: ignore[method-assign]
    assert send(world).expected == 10
    known = ("crmCampaigns/c1", CUSTOMERS, AUDIT_HEADS, JOBS)
    assert [one for one in seen if not one.startswith(known)] == []


def test_where_the_count_is_too_large_those_who_are_reached_decide() -> None:
    world = world_of(20)
    put_campaign(world)
    for customer in world.customers()[:5]:
        data = {**world.store.all("customers")[customer["id"]]}
        data["marketing"] = {**data["marketing"], "unreachable": world.runner.now()}
        world.store.put(f"customers/{customer['id']}", data)
    refusal = refused(lambda: send(world, 18))
    assert (refusal.reason, refusal.more) == ("audience-changed", {"reachable": 15})
    assert send(world, 15).state == "scheduled"
