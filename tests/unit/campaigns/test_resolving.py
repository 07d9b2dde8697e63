"""What staff decide about people of whom nobody knows: once more, or never. It still adds up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from crm.campaigns.audience import Shard
from crm.campaigns.campaign import CampaignState
from crm.campaigns.counts import Counts, PersonState
from crm.campaigns.mails import MailRecord, record_id
from crm.campaigns.resolving import Action, resolve
from crm.campaigns.totals import totals
from crm.core.errors import Conflict, Refusal
from crm.db.collections import AUDIENCES, AUDIT, JOBS, MAILS
from testing.world import World
from tests.support.campaigns import campaign_in, put_campaign, world_of

PEOPLE = ("ann", "ben", "cid", "dee")


THREE_UNCERTAIN: Sequence[PersonState] = ("uncertain", "uncertain", "uncertain", "accepted")


def sent(state: CampaignState, states: Sequence[PersonState] = THREE_UNCERTAIN) -> World:
    """A campaign of four people in two shards, whose mails became what `states` says."""
    world = world_of(0)
    put_campaign(world, state=state, job_id="old", ready=True)
    for number, some in enumerate([(0, 1), (2, 3)]):
        shard_id = f"c1-{number:06d}"
        mine = [states[one] for one in some]
        counts = Counts(2, **{name: mine.count(name) for name in {*mine}})
        people = tuple(PEOPLE[one] for one in some)
        keys = tuple(f"key{one}" for one in some)
        shard = Shard(shard_id, "c1", people, keys, {}, counts, next=2, claimed=2)
        world.store.put(shard.path, dict(shard.to_data()))
        for one in some:
            record = MailRecord(
                record_id("c1", f"key{one}"),
                "c1",
                PEOPLE[one],
                "e1-x",
                "e1-x",
                shard_id,
                states[one],
                world.runner.now(),
                "worker-lost",
            )
            world.store.put(record.path, dict(record.to_data()))
    return world


def decide(world: World, customers: Sequence[str], action: Action) -> int:
    return resolve(world.runner, world.queue.append, "c1", customers, action)


def states(world: World) -> dict[str, tuple[str, str | None]]:
    found = world.store.all(MAILS).values()
    return {one["customerId"]: (one["state"], one["reason"]) for one in found}


def shard(world: World, number: int) -> dict[str, Any]:
    return world.store.all(AUDIENCES)[f"c1-{number:06d}"]


def test_closing_gives_them_up_and_adds_up() -> None:
    world = sent("done")
    assert decide(world, ["ann", "cid", "dee", "nobody", "ann"], "close") == 2
    found = states(world)
    assert found["ann"] == found["cid"] == ("refused", "closed")
    assert (found["ben"][0], found["dee"][0]) == ("uncertain", "accepted")
    counts = totals(world.store, "c1")
    assert (counts.audience, counts.refused, counts.uncertain, counts.accepted) == (4, 2, 1, 1)
    assert world.store.all(JOBS) == {}


def test_sending_again_has_them_wait_and_a_job_sends() -> None:
    world = sent("done")
    assert decide(world, ["ann", "ben"], "resend") == 2
    assert {*states(world)} == {"cid", "dee"}
    first = shard(world, 0)
    assert {*first["later"]} == {"0", "1"}
    assert {one["attempts"] for one in first["later"].values()} == {0}
    assert totals(world.store, "c1").waiting == 2
    campaign = campaign_in(world)
    (job,) = world.store.all(JOBS).items()
    assert (campaign.state, campaign.job_id) == ("done", job[0])
    assert job[1]["arguments"] == {"campaignId": "c1", "resumed": True, "resend": True}
    assert world.queue == [job[0]]


@pytest.mark.parametrize("state", ["paused", "halted"])
def test_one_that_stands_still_sends_again_when_it_goes_on(state: CampaignState) -> None:
    world = sent(state)
    assert decide(world, ["ann"], "resend") == 1
    assert (world.queue, world.store.all(JOBS)) == ([], {})
    assert campaign_in(world).state == state


@pytest.mark.parametrize("action", ["resend", "close"])
@pytest.mark.parametrize("state", ["scheduled", "preparing", "sending"])
def test_nothing_is_decided_while_it_is_sent(state: CampaignState, action: Action) -> None:
    world = sent(state)
    with pytest.raises(Refusal) as refused:
        decide(world, ["ann"], action)
    assert refused.value.reason == "still-sending"
    assert states(world)["ann"][0] == "uncertain"


def test_of_a_cancelled_one_they_can_only_be_given_up() -> None:
    world = sent("cancelled")
    with pytest.raises(Refusal) as refused:
        decide(world, ["ann"], "resend")
    assert refused.value.reason == "campaign-over"
    assert decide(world, ["ann"], "close") == 1


@pytest.mark.parametrize("action", ["resend", "close"])
def test_asked_again_nothing_more_happens(action: Action) -> None:
    world = sent("done")
    decide(world, PEOPLE, action)
    first = (states(world), totals(world.store, "c1"))
    entries = len(world.store.all(AUDIT))
    assert decide(world, PEOPLE, action) == 0
    assert (states(world), totals(world.store, "c1")) == first
    assert len(world.store.all(AUDIT)) == entries


def test_an_event_that_settles_somebody_meanwhile_counts_first() -> None:
    world = sent("done")
    calls = 0

    def delivered() -> None:
        nonlocal calls
        calls += 1
        if calls != 4:
            return
        world.store.pause = lambda: None
        name = record_id("c1", "key0")
        record = {**world.store.all(MAILS)[name], "state": "accepted"}
        world.store.put(f"{MAILS}/{name}", record)
        one = shard(world, 0)
        counts = {**one["counts"], "uncertain": 1, "accepted": 1}
        world.store.put(f"{AUDIENCES}/c1-000000", {**one, "counts": counts})

    world.store.pause = delivered
    decide(world, PEOPLE, "close")
    assert calls >= 4
    assert states(world)["ann"][0] == "accepted"
    assert totals(world.store, "c1").whole


def test_a_lost_answer_does_not_lose_the_job() -> None:
    world = sent("done")
    fails = [False, True]

    def tear() -> None:
        if fails and fails.pop(0):
            raise Conflict("x")

    world.store.tear = tear
    decide(world, ["ann"], "resend")
    assert len(world.queue) == 1
    assert totals(world.store, "c1").waiting == 1
