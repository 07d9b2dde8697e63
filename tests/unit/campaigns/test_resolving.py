"""What staff decide about people of whom nobody knows: once more, or never. It still adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.campaigns.audience import Shard
from crm.campaigns.campaign import CampaignState
from crm.campaigns.counts import Counts, PersonState
from crm.campaigns.mails import MailRecord, record_id
from crm.campaigns.resolving import AT_ONCE, Action, resolve
from crm.campaigns.totals import totals
from crm.core.errors import Conflict, Refusal
from crm.db.collections import AUDIENCES, AUDIT, JOBS, MAILS
from crm.db.documents import Delete, Query, Snapshot, Write
from crm.jobs.job import Job
from testing.world import World
from tests.support.campaigns import STAFF, campaign_in, put_campaign, world_of

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


def test_nothing_is_decided_while_it_is_sent_of_whom_all_is_known_either() -> None:
    world = sent("sending", ("accepted",) * 4)
    with pytest.raises(Refusal) as refused:
        decide(world, ["ann"], "close")
    assert refused.value.reason == "still-sending"


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


# What is written


def told(world: World) -> list[tuple[Any, ...]]:
    names = ("action", "actor", "customers", "facts")
    entries = sorted(world.store.all(AUDIT).values(), key=lambda one: one["at"])
    return [tuple(one[name] for name in names) for one in entries]


@pytest.mark.parametrize("action", ["resend", "close"])
def test_the_trail_says_what_was_decided_about_how_many(action: Action) -> None:
    world = sent("done")
    decide(world, PEOPLE, action)
    assert told(world) == [
        (f"campaign.{action}", STAFF, [], {"campaign": "c1", "people": people}) for people in (2, 1)
    ]


def test_who_is_given_up_is_refused_from_now_on_and_all_else_stays() -> None:
    world = sent("done")
    before, shards = world.store.all(MAILS), [shard(world, one) for one in (0, 1)]
    now = world.store.now() + timedelta(hours=1)
    world.runner = replace(world.runner, now=lambda: now)
    assert decide(world, ["ann"], "close") == 1
    closed = {"state": "refused", "reason": "closed", "at": now}
    assert world.store.all(MAILS) == {**before, "c1-key0": {**before["c1-key0"], **closed}}
    counts = {**shards[0]["counts"], "uncertain": 1, "refused": 1}
    assert shard(world, 0) == {**shards[0], "counts": counts}
    assert shard(world, 1) == shards[1]


def test_who_is_sent_to_again_waits_from_now_on_beside_who_waits_already() -> None:
    world = sent("done")
    others = {"7": {"attempts": 3, "at": world.store.now(), "code": "451"}}
    before = {**shard(world, 1), "later": others}
    world.store.put(f"{AUDIENCES}/c1-000001", before)
    campaign, records = campaign_in(world), world.store.all(MAILS)
    now = world.store.now() + timedelta(hours=1)
    world.runner = replace(world.runner, now=lambda: now)
    path = f"{MAILS}/c1-key2"
    version = world.store.read([path])[path].version
    commit, seen = world.store.commit, list[Write]()

    def watched(writes: Sequence[Write]) -> list[int]:
        seen.extend(writes)
        return commit(writes)

    world.store.commit = watched  # type: ignore[method-assign]
    assert decide(world, ["cid"], "resend") == 1
    assert Delete(path, version) in seen  # as it was read, and not as it may be by now
    again = {"0": {"attempts": 0, "at": now, "code": "resend"}}
    counts = {**before["counts"], "uncertain": 0, "waiting": 1}
    assert shard(world, 1) == {**before, "counts": counts, "later": {**others, **again}}
    del records["c1-key2"]
    assert world.store.all(MAILS) == records
    ((job_id, job),) = world.store.all(JOBS).items()
    assert campaign_in(world) == replace(campaign, job_id=job_id, updated_at=now)
    arguments = {"campaignId": "c1", "resumed": True, "resend": True}
    assert job == Job(job_id, "send_campaign", arguments, STAFF, now, now).to_data()


def test_who_waits_by_a_call_before_is_sent_to_though_nobody_is_uncertain_any_more() -> None:
    world = sent("done")
    decide(world, ["ann"], "resend")
    first = campaign_in(world).job_id
    assert decide(world, ["ann"], "resend") == 0
    second = campaign_in(world).job_id
    assert second not in (None, first)
    assert world.queue == [first, second]


@pytest.mark.parametrize(
    ("state", "action", "reason"),
    [
        *((one, "close", "still-sending") for one in ("scheduled", "preparing", "sending")),
        *((one, "resend", "campaign-over") for one in ("cancelled", "missed", "draft")),
    ],
)
def test_each_refusal_has_its_code(state: CampaignState, action: Action, reason: str) -> None:
    world = sent(state)
    before = world.store.all(MAILS)
    with pytest.raises(Refusal) as refused:
        decide(world, PEOPLE, action)
    assert (refused.value.code, refused.value.reason) == ("failed-precondition", reason)
    if reason == "campaign-over":
        assert f"is `{state}`, so nothing is sent any more" in refused.value.message
    assert world.store.all(MAILS) == before


@pytest.mark.parametrize("state", ["draft", "missed", "cancelled", "paused", "halted", "done"])
def test_who_is_uncertain_can_be_given_up_wherever_nothing_is_sent(state: CampaignState) -> None:
    world = sent(state)
    assert decide(world, ["ann"], "close") == 1
    assert campaign_in(world).state == state


def test_the_campaign_is_looked_at_again_with_the_people() -> None:
    """It goes on between the first look and the commit."""
    world = sent("paused")
    calls = iter(range(99))

    def resumed() -> None:
        if next(calls) == 2:
            put_campaign(world, state="sending", job_id="new", ready=True)

    world.store.pause = resumed
    with pytest.raises(Refusal) as refused:
        decide(world, ["ann"], "resend")
    assert refused.value.reason == "still-sending"
    assert states(world)["ann"][0] == "uncertain"


def test_many_people_are_looked_up_in_few_queries() -> None:
    world = sent("done")
    names = [f"x{number:02}" for number in range(AT_ONCE - 1)]
    world.store.reads = 0
    assert decide(world, [*names, "ann", "ben"], "close") == 2
    one_more = world.store.reads
    world = sent("done")
    world.store.reads = 0
    assert decide(world, [*names, "ann", "ben", *names, "ann"], "close") == 2
    assert world.store.reads == one_more
    assert {states(world)[one][0] for one in ("ann", "ben")} == {"refused"}


def test_where_nobody_waits_no_job_is_made() -> None:
    world = sent("done")
    assert decide(world, ["dee", "nobody"], "resend") == 0
    assert (world.queue, world.store.all(JOBS), told(world)) == ([], {}, [])


def delivered(world: World, name: str) -> None:
    """An event settles one of the first shard: its mail has arrived."""
    key = f"c1-key{PEOPLE.index(name)}"
    record = world.store.all(MAILS).get(key)
    if record is None or record["state"] != "uncertain":
        return
    world.store.put(f"{MAILS}/{key}", {**record, "state": "accepted"})
    one = shard(world, 0)
    counts = {**one["counts"], "uncertain": one["counts"]["uncertain"] - 1}
    counts["accepted"] = counts.get("accepted", 0) + 1
    world.store.put(f"{AUDIENCES}/c1-000000", {**one, "counts": counts})


def adds_up(world: World) -> None:
    """Hold each shard's sums to the records, and to who waits."""
    for number in (0, 1):
        one = shard(world, number)
        found = Counter(
            record["state"]
            for record in world.store.all(MAILS).values()
            if record["shard"] == f"c1-{number:06}"
        )
        found["waiting"] += len(one["later"])
        assert +Counter({k: n for k, n in one["counts"].items() if k != "audience"}) == +found


@pytest.mark.parametrize("at", range(1, 12))
@pytest.mark.parametrize("action", ["resend", "close"])
def test_whenever_an_event_settles_somebody_it_counts_where_it_was_first(
    action: Action, at: int
) -> None:
    world = sent("done")
    calls = 0

    def event() -> None:
        nonlocal calls
        calls += 1
        if calls == at:
            delivered(world, "ann")

    world.store.pause = event
    settled = decide(world, ["ann"], action)
    adds_up(world)
    arrived = states(world).get("ann", ("waiting", None))[0] == "accepted"
    assert settled == (not arrived)
    assert len(told(world)) == (not arrived)


@pytest.mark.parametrize("action", ["resend", "close"])
def test_who_is_settled_before_the_plan_is_made_is_not_counted(action: Action) -> None:
    world = sent("done")
    find, once = world.store.find, iter([True])

    def found(query: Query) -> list[Snapshot]:
        some = find(query)
        if query.collection == MAILS and next(once, False):
            delivered(world, "ann")
        return some

    world.store.find = found  # type: ignore[method-assign]
    assert decide(world, ["ann"], action) == 0
    assert told(world) == []
