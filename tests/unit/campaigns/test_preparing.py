"""Fixing an audience: of one moment, everybody in one shard, with what is against a mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.campaigns import jobs, preparing
from crm.campaigns.claims import claimed
from crm.campaigns.mails import mail_key
from crm.campaigns.reach import Audience
from crm.campaigns.totals import totals
from crm.core.errors import Conflict, Damaged, Refusal
from crm.db.collections import CUSTOMERS, SEGMENTS
from crm.jobs.progress import Progress
from crm.segments.language.ast import Everyone
from crm.segments.language.text import parse
from crm.segments.saved import save
from crm.segments.saved_plan import Definition
from tests.support.mailing import CAMPAIGN, Room, subscriber


@pytest.fixture(autouse=True)
def _small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "MOST", 10)


def to_sending(room: Room) -> None:
    for _ in range(1_000):
        if room.campaign.state not in ("scheduled", "preparing"):
            return
        room.work(seconds=0, most=1)


def fixed(room: Room, **fields: object) -> Room:
    """Fix the audience of everybody tagged `t`."""
    room.schedule(**fields)  # type: ignore[arg-type]
    to_sending(room)
    return room


def left_out(room: Room) -> dict[str, str]:
    return {name: why for shard in room.shards for name, why in shard.excluded.items()}


def test_everybody_is_in_one_shard_in_the_order_of_ids() -> None:
    room = Room()
    room.people(95)
    fixed(room)
    people = [name for shard in room.shards for name in shard.people]
    assert people == sorted(room.store.all(CUSTOMERS))
    assert all(len(shard.people) <= 10 for shard in room.shards)
    assert [shard.id for shard in room.shards] == sorted(shard.id for shard in room.shards)
    assert all(shard.id.startswith(f"{CAMPAIGN}-") and len(shard.id) == 9 for shard in room.shards)
    assert room.campaign.counts["waiting"] == 95


def test_keys_are_those_of_the_addresses() -> None:
    room = Room()
    room.people(1)
    fixed(room)
    assert room.shards[0].keys == (mail_key(room.runner.keys, CAMPAIGN, "p0000@example.com"),)


def test_who_is_not_to_be_written_to_is_named_with_the_reason() -> None:
    room = Room()
    room.subscriber("a", "a@example.com")
    room.subscriber("b", "b@example.com", status="unsubscribed")
    room.subscriber("c", "c@example.com", status="unsubscribed", source="complaint")
    room.subscriber("d", "d@example.com", status=None)
    room.subscriber("e", "e@example.com", status="none", pending=True)
    room.subscriber("f", "f@example.com", unreachable=room.store.now())
    data = subscriber(room.store, "g", "g@example.com")
    room.store.put(f"{CUSTOMERS}/g", {**data, "primaryEmail": None, "contactEmail": None})
    fixed(room)
    expected = {
        "b": "unsubscribed",
        "c": "complained",
        "d": "not-subscribed",
        "e": "pending",
        "f": "unreachable",
        "g": "no-address",
    }
    assert left_out(room) == expected
    assert room.check() == {"a": "waiting", **dict.fromkeys(expected, "excluded")}
    told = Audience.of(room.runner, Everyone())
    assert (told.matched, told.reachable) == (7, 1)
    assert told.excluded == dict.fromkeys(expected.values(), 1)


def test_an_address_that_several_have_typed_gets_one_mail() -> None:
    room = Room()
    room.people(30)
    for name in ("aaa", "mmm", "mmn", "zzz"):
        room.subscriber(name, None, typed="shared@example.com")
    fixed(room)
    assert left_out(room) == dict.fromkeys(("mmm", "mmn", "zzz"), "same-address")
    told = Audience.of(room.runner, Everyone())
    assert (told.reachable, told.excluded) == (31, {"same-address": 3})
    room.work()
    assert room.server.box.count("shared@example.com") == 1
    assert room.totals() == {"accepted": 31, "excluded": 3}
    (record,) = [one for one in room.records if one.customer_id == "aaa"]
    assert record.identity == room.runner.keys.user("uid-aaa")
    assert record.address == room.runner.keys.address("shared@example.com")


def test_who_proves_a_typed_address_meanwhile_gets_one_mail() -> None:
    room = Room()
    room.subscriber("aaa", None, typed="shared@example.com")
    fixed(room)
    room.subscriber("aaa", "shared@example.com")
    room.work()
    assert room.server.box == ["shared@example.com"]
    (record,) = room.records
    assert record.identity == room.runner.keys.address("shared@example.com")


def test_the_audience_is_of_one_moment() -> None:
    room = Room()
    room.people(60)
    room.schedule()
    steps = 0
    while room.campaign.state in ("scheduled", "preparing"):
        room.work(seconds=0, most=1)
        steps += 1
        if room.campaign.prepared_at is not None:
            room.subscriber(f"new{steps}", f"n{steps}@example.com")
            ids = sorted(room.store.all(CUSTOMERS))
            room.store.delete(f"{CUSTOMERS}/{ids[-1]}")
    assert steps > 5
    assert sum(len(shard.people) for shard in room.shards) == 60


def test_a_saved_segment_is_taken_as_it_is_at_that_moment() -> None:
    room = Room()
    room.people(40)
    room.subscriber("other", "other@example.com")
    data = room.store.all(CUSTOMERS)["other"]
    room.store.put(f"{CUSTOMERS}/other", {**data, "tags": [], "facets": []})
    runner = room.world.runner
    saved = save(runner, Definition("Mine", parse("tag:t")))
    segment_id = next(iter(room.store.all(SEGMENTS)))
    room.schedule(segment={"segment": segment_id})
    while room.campaign.prepared_at is None:
        room.work(seconds=0, most=1)
    row = room.store.all(SEGMENTS)[segment_id]
    room.store.put(f"{SEGMENTS}/{segment_id}", {**row, "segment": {}})
    to_sending(room)
    assert saved is not None
    assert sum(shard.counts.audience for shard in room.shards) == 40


def test_a_walk_that_takes_too_long_halts_and_begins_anew() -> None:
    room = Room()
    room.people(60)
    room.subscriber("aaa", None, typed="shared@example.com")
    room.schedule()
    while len(room.shards) < 3:
        room.work(seconds=0, most=1)
    room.store.wait(timedelta(minutes=51))
    room.work()
    assert (room.campaign.state, room.campaign.reason) == ("halted", "preparing-too-long")
    assert room.server.box == []
    room.subscriber("late", "late@example.com")
    room.resume("j2")
    room.work()
    assert room.campaign.state == "done"
    assert room.totals() == {"accepted": 62}


def test_sums_that_do_not_add_up_are_said() -> None:
    room = Room()
    room.people(5)
    fixed(room)
    shard = room.shards[0]
    counts = {**shard.counts.to_data(), "waiting": 99}
    room.store.put(shard.path, {**shard.to_data(), "counts": counts})
    with pytest.raises(Damaged, match="do not add up"):
        totals(room.store, CAMPAIGN)


def test_sums_are_of_one_moment_while_the_campaign_is_sent() -> None:
    room = Room()
    room.people(5)
    fixed(room)

    def someone_gets_a_mail() -> None:
        shard = room.shards[0]
        was = shard.counts
        counts = replace(was, waiting=was.waiting - 1, accepted=was.accepted + 1)
        room.store.put(shard.path, replace(shard, counts=counts).to_data())

    room.store.pause = someone_gets_a_mail
    assert totals(room.store, CAMPAIGN).whole


def test_nobody_is_claimed_by_preparing() -> None:
    room = Room()
    room.people(25)
    fixed(room)
    assert [claimed(shard) for shard in room.shards] == [[]] * len(room.shards)


def test_a_worker_that_comes_second_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two at one slice the slower one meets the shard that the other has just made."""
    room = Room()
    room.people(10)
    room.schedule(expected=10)
    seen: list[Any] = []

    def make(*given: Any) -> Progress:
        seen.append(given)
        return preparing.make_shard(*given)

    monkeypatch.setattr(jobs, "make_shard", make)
    room.work()
    with pytest.raises(Conflict):
        preparing.make_shard(*seen[0])
    runner, found, part, gate = seen[0]
    room.store.put(part.path, part.to_data())  # as if nobody had taken the step
    with pytest.raises(Refusal):
        preparing.make_shard(runner, found, part, gate)
