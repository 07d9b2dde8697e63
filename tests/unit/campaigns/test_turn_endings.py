"""How a turn ends: where a claim is lost, a worker was, or the campaign is another's by now."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.campaigns.turns import HELD, LEASE, LOOK
from crm.core.errors import Transient
from crm.db.collections import CAMPAIGNS
from crm.jobs.job import Progress
from crm.mail.port import Later
from tests.support.mailing import HALT
from tests.unit.campaigns.test_rounds import LUCK, Stopped, after
from tests.unit.campaigns.test_turn_records import of, record


@pytest.mark.parametrize("lease", [timedelta(0), timedelta(seconds=-1), None])
def test_of_a_claim_that_is_over_those_who_were_claimed_are_uncertain(
    lease: timedelta | None,
) -> None:
    room = Stopped(5)
    (shard,) = room.shards
    until = None if lease is None else room.clock + lease
    again = {"attempts": 2, "at": room.clock, "code": "451"}
    later = {"0": {**again, "claimed": True}, "1": again}
    held = replace(shard, next=2, claimed=4, holder="gone", lease_until=until, later=later)
    room.store.put(shard.path, held.to_data())
    assert room.step() == Progress(done=2, finished=True)
    assert room.tried() == [1, 4]
    for place in (0, 2, 3):
        expected = record(room, place, state="uncertain", reason="worker-lost")
        assert of(room, place) == expected
    (shard,) = room.shards
    assert (shard.counts.uncertain, shard.counts.accepted, shard.later) == (3, 2, {})


def test_a_claim_that_is_not_over_is_left_alone() -> None:
    room = Stopped(5)
    (shard,) = room.shards
    held = replace(shard, claimed=4, holder="other", lease_until=after(0.000_001, room))
    room.store.put(shard.path, held.to_data())
    expected = Progress(cursor=[None, None, 0], not_before=held.lease_until)
    assert room.step() == expected
    assert room.shards == [held]
    assert room.server.tried == []


@pytest.mark.parametrize("at", [3, 9, 10, 13])
def test_who_loses_the_claim_leaves_the_shard_to_the_other_one(at: int) -> None:
    room = Stopped(15)

    def before(tried: int) -> None:
        if tried == at:
            (shard,) = room.shards
            taken = replace(shard, holder="other", lease_until=room.clock + LEASE)
            room.store.put(shard.path, taken.to_data())

    room.server.before = before
    progress = room.step()
    done = 10 if at < 10 else 15
    expected = Progress(cursor=[None, None, 0], done=done, not_before=room.clock + HELD)
    assert progress == expected
    (shard,) = room.shards
    assert (shard.holder, shard.counts.accepted) == ("other", 0 if at < 10 else 10)


@pytest.mark.parametrize("fields", [{"state": "cancelled"}, {"jobId": "j2"}, None])
def test_a_campaign_that_is_not_to_be_sent_any_more_is_left_within_the_turn(
    fields: dict[str, Any] | None,
) -> None:
    room = Stopped(15)
    data = room.campaign.to_data()

    def before(tried: int) -> None:
        if tried == 3:
            room.clock += LOOK
            room.store.delete(f"{CAMPAIGNS}/c1")
            if fields is not None:
                room.store.put(f"{CAMPAIGNS}/c1", {**data, **fields})

    room.server.before = before
    assert room.step() == Progress(cursor=[None, None, 0], done=4)
    (shard,) = room.shards
    assert (shard.counts.accepted, shard.holder, shard.next) == (4, None, 4)


@pytest.mark.parametrize("fields", [{"state": "paused"}, {"jobId": "j2"}, None])
def test_a_sender_that_is_refused_halts_no_campaign_that_is_another_ones_by_now(
    fields: dict[str, Any] | None,
) -> None:
    room = Stopped(5)
    room.script(p2=[HALT])
    data = room.campaign.to_data()

    def before(tried: int) -> None:
        if tried == 2:
            room.store.delete(f"{CAMPAIGNS}/c1")
            if fields is not None:
                room.store.put(f"{CAMPAIGNS}/c1", {**data, **fields})

    room.server.before = before
    assert room.step() == Progress(cursor=[None, None, 0], done=2)
    states = {one["state"] for one in room.store.all(CAMPAIGNS).values()}
    assert states == ({fields.get("state", "sending")} if fields is not None else set())


def test_who_was_tried_before_the_sender_was_refused_is_settled_with_the_halt() -> None:
    room = Stopped(5)
    room.script(p2=[HALT])
    before, now = room.campaign, room.clock
    assert room.step() == Progress(cursor=[None, None, 0], done=2)
    counts = {**before.counts, "accepted": 2, "waiting": 3}
    told = {"state": "halted", "reason": "sender-refused", "message": HALT.message}
    halted = room.campaign
    assert halted == replace(before, counts=counts, updated_at=halted.updated_at, **told)  # type: ignore[arg-type]
    assert halted.updated_at >= now
    assert room.tried() == [0, 1, 2]


def test_what_was_handed_over_is_written_where_the_next_mail_fails(
    caplog: pytest.LogCaptureFixture,
) -> None:
    room = Stopped(5)

    def before(tried: int) -> None:
        if tried == 2:
            raise ValueError("a mistake of ours")

    room.server.before = before
    with caplog.at_level(logging.ERROR), pytest.raises(ValueError, match="a mistake of ours"):
        room.step()
    assert [of(room, place).state for place in (0, 1, 2)] == ["accepted", "accepted", "uncertain"]
    assert of(room, 2) == record(room, 2, state="uncertain", reason="internal")
    (shard,) = room.shards
    assert (shard.holder, shard.next, shard.counts.waiting) == (None, 3, 2)
    assert "its claim stays" not in caplog.text


def test_where_that_cannot_be_written_the_claim_stays_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    room = Stopped(5)
    seconds = iter(range(0, 100_000, 60))
    retry = replace(room.runner.retry, clock=lambda: float(next(seconds)))
    room.runner = replace(room.runner, retry=retry)
    commit = room.store.commit

    def away(writes: Any) -> list[int]:
        raise Transient(f"no answer to {len(writes)}")

    def before(tried: int) -> None:
        if tried == 2:
            room.store.commit = away  # type: ignore[method-assign]
            raise ValueError("a mistake of ours")

    room.server.before = before
    with caplog.at_level(logging.ERROR), pytest.raises(ValueError, match="a mistake of ours"):
        room.step()
    room.store.commit = commit  # type: ignore[method-assign]
    (shard,) = room.shards
    assert (shard.claimed, shard.counts.waiting) == (5, 5)
    assert f"shard {shard.id}: its claim stays: Transient" in caplog.text


def test_who_has_to_wait_with_all_others_was_not_tried() -> None:
    """He keeps his place and the number of his tries, and is the first one then."""
    room = Stopped(5)
    (shard,) = room.shards
    known = {"attempts": 2, "at": room.clock, "code": "451"}
    room.store.put(shard.path, {**shard.to_data(), "later": {"0": known}, "next": 1, "claimed": 1})
    room.script(p0=[Later("454", whole=True)])
    wait = after(15 * LUCK, room)
    assert room.step() == Progress(cursor=[None, None, 1], not_before=wait)
    assert room.shards[0].later == {"0": known}
    assert room.step().done == 5
    assert room.tried() == [0, 0, 1, 2, 3, 4]


def test_a_claim_is_named_by_the_run_and_the_turn() -> None:
    room = Stopped(25)
    holders: list[str | None] = []
    room.server.before = lambda _: holders.append(room.shards[0].holder)
    room.step()
    run = str(holders[0]).partition("-")[0]
    assert holders == [f"{run}-1"] * 10 + [f"{run}-2"] * 10 + [f"{run}-3"] * 5
