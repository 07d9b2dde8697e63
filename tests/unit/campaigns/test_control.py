"""Sending, pausing, going on and ending: once each, whatever is asked twice or gets lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.campaigns import control
from crm.campaigns.campaign import Campaign, CampaignState
from crm.core.errors import Refusal, Transient
from crm.db.collections import AUDIT, JOBS, SLICES
from crm.db.documents import Update
from crm.jobs.job import Job
from crm.jobs.run import start
from testing.world import World
from tests.support.campaigns import STAFF, campaign_in, put_campaign, world_of


@pytest.fixture
def world() -> World:
    world = world_of(10)
    put_campaign(world)
    return world


def send(world: World, expected: int = 10, **more: Any) -> Campaign:
    return control.send(world.runner, world.queue.append, "c1", expected, **more)


def refusal(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code, refused.value.reason


def jobs_of(world: World) -> list[Job]:
    return [Job.from_data(name, data) for name, data in world.store.all(JOBS).items()]


def actions(world: World) -> list[str]:
    found = world.store.all(AUDIT).values()
    return [one["action"] for one in found if one["action"].startswith("campaign.")]


def test_it_is_scheduled_behind_the_undo_window_with_one_job(world: World) -> None:
    before = world.runner.now()
    campaign = send(world)
    (job,) = jobs_of(world)
    assert campaign == campaign_in(world)
    assert (campaign.state, campaign.actor, campaign.expected) == ("scheduled", STAFF, 10)
    assert campaign.scheduled_at is not None
    assert campaign.scheduled_at >= before + timedelta(seconds=30)
    assert campaign.latest_by == campaign.scheduled_at + timedelta(hours=2)
    assert (job.id, job.kind, job.not_before) == (
        campaign.job_id,
        "send_campaign",
        campaign.scheduled_at,
    )
    assert job.arguments == {"campaignId": "c1"}
    assert world.queue == [job.id]
    assert actions(world) == ["campaign.send"]


def test_asked_twice_it_is_one_mailing_and_the_same_answer(world: World) -> None:
    assert send(world) == send(world, expected=11)
    assert len(jobs_of(world)) == 1
    assert actions(world) == ["campaign.send"]


def test_two_tabs_at_once_are_one_mailing(world: World) -> None:
    answers: list[Campaign] = []

    def meanwhile() -> None:
        world.store.pause = lambda: None
        answers.append(send(world))

    calls = 0

    def pause() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            meanwhile()

    world.store.pause = pause
    answers.append(send(world))
    assert len({one.job_id for one in answers}) == len(jobs_of(world)) == 1


@pytest.mark.parametrize("expected", [9, 11, 0, 1000])
def test_another_audience_than_was_shown_is_refused(world: World, expected: int) -> None:
    with pytest.raises(Refusal) as refused:
        send(world, expected)
    assert (refused.value.reason, refused.value.more) == ("audience-changed", {"reachable": 10})
    assert campaign_in(world).state == "draft"
    assert not jobs_of(world)


@pytest.mark.parametrize(
    ("found", "expected", "near"),
    [
        (100, 100, True),
        (95, 100, True),
        (94, 100, False),
        (105, 100, True),
        (106, 100, False),
        (0, 0, True),
        (0, 1, False),
        (1, 0, False),
        (19, 20, True),
        (18, 20, False),
    ],
)
def test_five_in_a_hundred_are_near(found: int, expected: int, near: bool) -> None:
    assert control.is_near(found, expected) is near


def test_nobody_is_sent_to_where_nobody_can_be_reached(world: World) -> None:
    put_campaign(world, segment={"tag": "nobody"})
    assert refusal(lambda: send(world, 0)) == ("failed-precondition", "nobody-to-reach")


def test_who_cannot_be_reached_is_not_counted() -> None:
    world = world_of(3)
    put_campaign(world)
    for customer in world.customers()[:2]:
        path = f"customers/{customer['id']}"
        one = world.store.read([path])[path]
        gone = {**one.fields["marketing"], "unreachable": world.runner.now()}
        world.store.commit([Update(path, {"marketing": gone}, one.version)])
    assert refusal(lambda: send(world, 2))[1] == "audience-changed"
    assert send(world, 1).state == "scheduled"


def test_a_time_is_kept_and_is_never_before_the_undo_window(world: World) -> None:
    at = world.runner.now() + timedelta(days=3)
    campaign = send(world, at=at, latest_by=at + timedelta(minutes=5))
    assert (campaign.scheduled_at, campaign.latest_by) == (at, at + timedelta(minutes=5))
    put_campaign(world, "c1")
    soon = world.runner.now() + timedelta(seconds=1)
    campaign = send(world, at=soon)
    assert campaign.scheduled_at is not None
    assert campaign.scheduled_at >= soon + timedelta(seconds=25)


@pytest.mark.parametrize(
    ("days", "latest", "reason"),
    [(-1, None, "at-in-past"), (400, None, "at-too-far"), (2, 1, "latest-before-start")],
)
def test_a_time_that_cannot_be_meant_is_refused(
    world: World, days: int, latest: int | None, reason: str
) -> None:
    now = world.runner.now()
    last = None if latest is None else now + timedelta(days=latest)
    asked = lambda: send(world, at=now + timedelta(days=days), latest_by=last)  # noqa: E731
    assert refusal(asked) == ("invalid-argument", reason)


def test_the_queue_is_told_when(world: World) -> None:
    told: list[tuple[str, float]] = []

    def later(task: str, seconds: float) -> bool:
        told.append((task, seconds))
        return True

    campaign = send(world, at=world.runner.now() + timedelta(hours=1), later=later)
    ((task, seconds),) = told
    assert (task, world.queue) == (campaign.job_id, [])
    assert 3590 < seconds <= 3600


def test_where_the_queue_does_not_take_it_the_sweep_does(world: World) -> None:
    def away(_task: str, _seconds: float) -> bool:
        raise Transient("the queue is away")

    campaign = send(world, later=away)
    assert (campaign.state, world.queue) == ("scheduled", [])


def test_one_that_is_not_fit_stays_a_draft(world: World) -> None:
    def refuse(_campaign: Campaign) -> None:
        raise Refusal("failed-precondition", "campaign-has-problems", "x")

    assert refusal(lambda: send(world, look_over=refuse))[1] == "campaign-has-problems"
    assert campaign_in(world).state == "draft"


def test_one_that_was_changed_since_it_was_looked_at_is_not_sent(world: World) -> None:
    def change(campaign: Campaign) -> None:
        put_campaign(world, revision=campaign.revision + 1)

    assert refusal(lambda: send(world, look_over=change))[1] == "changed-meanwhile"


@pytest.mark.parametrize(
    "act",
    [
        lambda w: send(w),
        lambda w: control.pause(w.runner, "c1"),
        lambda w: control.cancel(w.runner, "c1"),
        lambda w: control.resume(w.runner, w.queue.append, "c1"),
    ],
)
def test_one_that_is_not_there_is_not_found(act: Callable[[World], object]) -> None:
    assert refusal(lambda: act(world_of(0))) == ("not-found", "no-such-campaign")


def under_way(world: World, state: CampaignState, **fields: Any) -> str:
    """Have a campaign with a job whose slices are being worked at."""
    job_id = start(world.runner, lambda _: None, control.SEND, {"campaignId": "c1"}, action="x.y")
    path = f"{JOBS}/{job_id}"
    one = world.store.read([path])[path]
    now = world.runner.now()
    cut = Job.from_data(job_id, one.fields).cut(0, [0], 1, None, now)
    world.store.commit([Update(path, cut.to_data(), one.version)])
    world.store.put(
        f"{SLICES}/{job_id}-0-0",
        {
            "jobId": job_id,
            "phase": 0,
            "number": 0,
            "low": None,
            "high": None,
            "startedAt": now,
            "updatedAt": now,
            "state": "running",
            "holder": "h",
            "cursor": None,
            "done": 0,
            "counts": {},
            "drift": [],
        },
    )
    put_campaign(world, state=state, job_id=job_id, **fields)
    return job_id


@pytest.mark.parametrize(
    ("act", "state", "error"),
    [(control.pause, "paused", "paused"), (control.cancel, "cancelled", "cancelled")],
)
def test_stopping_ends_the_job_with_it(world: World, act: Any, state: str, error: str) -> None:
    job_id = under_way(world, "sending", ready=True)
    first = act(world.runner, "c1")
    again = act(world.runner, "c1")
    (job,) = jobs_of(world)
    assert (job.id, job.state, job.error) == (job_id, "failed", error)
    assert (first.state, again) == (state, first)
    assert world.store.all(SLICES) == {}
    assert len(actions(world)) == 1


def test_cancelling_in_the_undo_window_sends_nothing(world: World) -> None:
    send(world)
    assert control.cancel(world.runner, "c1").state == "cancelled"
    (job,) = jobs_of(world)
    assert job.over


@pytest.mark.parametrize("state", ["draft", "scheduled", "preparing", "done", "missed", "halted"])
def test_only_what_is_sent_can_be_paused(world: World, state: CampaignState) -> None:
    put_campaign(world, state=state)
    assert refusal(lambda: control.pause(world.runner, "c1"))[1] == "no-such-move"


@pytest.mark.parametrize("state", ["draft", "done", "missed"])
def test_what_is_over_or_never_began_cannot_be_cancelled(
    world: World, state: CampaignState
) -> None:
    put_campaign(world, state=state)
    assert refusal(lambda: control.cancel(world.runner, "c1"))[1] == "no-such-move"


def test_resuming_makes_a_new_job_once(world: World) -> None:
    old = under_way(world, "sending", ready=True, expected=10)
    control.pause(world.runner, "c1")
    first = control.resume(world.runner, world.queue.append, "c1")
    again = control.resume(world.runner, world.queue.append, "c1")
    assert (first.state, first.expected) == ("sending", 10)
    assert first.job_id == again.job_id != old
    assert {one.id for one in jobs_of(world)} == {old, first.job_id}
    assert set(world.queue) == {first.job_id}


@pytest.mark.parametrize(("ready", "state"), [(True, "sending"), (False, "preparing")])
def test_a_halted_one_goes_on_where_it_was(world: World, ready: bool, state: str) -> None:
    counts = {"audience": 9, "accepted": 4, "refused": 5}
    put_campaign(world, state="halted", ready=ready, expected=5, reason="x", counts=counts)
    campaign = control.resume(world.runner, world.queue.append, "c1")
    assert (campaign.state, campaign.expected, campaign.reason) == (state, None, None)
    assert campaign.baseline == counts


def test_a_failed_job_halts_its_campaign(world: World) -> None:
    campaign = send(world)
    assert campaign.job_id is not None
    (job,) = jobs_of(world)
    gone = replace(job, state="failed", error="internal")
    world.store.commit(control.failed(world.runner, gone))
    halted = campaign_in(world)
    assert (halted.state, halted.reason) == ("halted", "job-failed")
    assert control.failed(world.runner, gone) == []


@pytest.mark.parametrize(
    "change",
    [
        {"job_id": "another"},
        {"state": "paused"},
        {"state": "done"},
        {"state": "cancelled"},
    ],
)
def test_a_failed_job_leaves_alone_what_is_not_its_own_any_more(
    world: World, change: dict[str, Any]
) -> None:
    job_id = under_way(world, "sending")
    (job,) = jobs_of(world)
    put_campaign(world, **{"state": "sending", "job_id": job_id, **change})
    assert control.failed(world.runner, replace(job, error="internal")) == []


def test_a_failed_job_of_a_campaign_that_is_gone_fails_alone(world: World) -> None:
    (job,) = [
        Job(
            "j", control.SEND, {"campaignId": "gone"}, STAFF, world.runner.now(), world.runner.now()
        )
    ]
    assert control.failed(world.runner, job) == []
