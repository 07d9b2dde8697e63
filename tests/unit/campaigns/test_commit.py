"""The one commit of a turn: what it writes, and what it does where somebody else wrote first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.campaigns.audience import Shard
from crm.campaigns.claims import Again, Outcome, Settled
from crm.campaigns.commit import Commit, Lost
from crm.campaigns.counts import Counts
from crm.campaigns.last_look import Person
from crm.campaigns.mails import MailRecord
from crm.core.errors import Conflict
from crm.db.collections import MAILS
from crm.db.documents import Set, Write, read_one
from testing.world import World

SHARD = Shard(
    "c1-000000",
    "c1",
    ("a", "b", "c"),
    ("ka", "kb", "kc"),
    {},
    Counts(3, waiting=3),
    claimed=2,
    holder="me-1",
)

ACCEPTED = Settled("accepted", None, "pm-1")


@pytest.fixture
def world() -> World:
    """A shard of which two are claimed, and a clock that stands still."""
    world = World()
    world.store.put(SHARD.path, SHARD.to_data())
    now = world.store.now() + timedelta(hours=1)
    world.runner = replace(world.runner, now=lambda: now)
    return world


def person(place: int, world: World, **more: Any) -> Person:
    """Somebody of the shard, with the record that is there."""
    name, key = SHARD.people[place], SHARD.keys[place]
    found = read_one(world.store, f"{MAILS}/c1-{key}")
    record = found if found.exists else None
    made = Person(place, name, key, {}, None, f"i{name}", f"e{name}", record)
    return replace(made, **more)


def claim_last(shard: Shard, holder: str) -> Shard:
    return replace(shard, claimed=len(shard.people), holder=holder)


def commit(
    world: World,
    known: Mapping[int, Outcome],
    people: Mapping[int, Person] | None = None,
    besides: list[Write] | None = None,
    next_claim: Any = claim_last,
) -> Commit:
    both = {place: person(place, world) for place in (0, 1)}
    found = read_one(world.store, SHARD.path)
    return Commit(
        world.runner,
        Shard.from_data(found.id, found.fields),
        found.version,
        known,
        both if people is None else people,
        holder="me-2",
        next_claim=next_claim,
        besides=lambda: besides or [],
    )


def stored(world: World) -> Shard:
    (found,) = world.store.all("crmAudiences").values()
    return Shard.from_data(SHARD.id, found)


def record(world: World, place: int, **fields: Any) -> MailRecord:
    name, key = SHARD.people[place], SHARD.keys[place]
    now = world.runner.now()
    made = MailRecord(f"c1-{key}", "c1", name, f"i{name}", f"e{name}", SHARD.id, "accepted", now)
    return replace(made, **fields)


def records(world: World) -> dict[str, Any]:
    return world.store.all(MAILS)


def test_records_and_the_next_claim_are_one_commit_with_what_else_is_written(
    world: World,
) -> None:
    once = commit(world, {0: ACCEPTED, 1: Settled("refused", "550")}, besides=[Set("x/y", {})])
    writes = world.store.writes
    after = once.attempt()
    settled = Counts(3, waiting=1, accepted=1, refused=1)
    assert after == replace(SHARD, counts=settled, next=2, claimed=3, holder="me-2")
    assert stored(world) == after
    assert once.version == read_one(world.store, SHARD.path).version
    assert records(world) == {
        "c1-ka": record(world, 0, provider_id="pm-1").to_data(),
        "c1-kb": record(world, 1, state="refused", reason="550").to_data(),
    }
    assert world.store.writes == writes + 4
    assert world.store.all("x") == {"y": {}}


def test_where_nothing_changes_nothing_is_written(world: World) -> None:
    idle = replace(SHARD, claimed=0, holder=None)
    world.store.put(SHARD.path, idle.to_data())
    writes = world.store.writes
    once = commit(world, {}, next_claim=lambda shard, _: shard)
    assert once.attempt() == idle
    assert world.store.writes == writes


def test_who_was_erased_is_not_named(world: World) -> None:
    nobody = {"identity": None, "address_key": None, "erasure": "er1"}
    people = {0: person(0, world, **nobody), 1: person(1, world)}
    commit(world, {0: Settled("excluded", "erased")}, people).attempt()
    blank = {"customer_id": None, "identity": None, "address": None, "erased": "er1"}
    whole = record(world, 0, state="excluded", reason="erased", **blank)
    assert records(world) == {"c1-ka": whole.to_data()}


@pytest.mark.parametrize("erased", [None, "er1"])
def test_what_events_and_an_erasure_have_written_into_a_record_stays(
    world: World, erased: str | None
) -> None:
    now = world.store.now()
    told = dict.fromkeys(("bounced", "soft_bounced", "complained", "unsubscribed"), now)
    before = record(world, 0, state="waiting", at=now, customer_id="x", reason="r", **told)
    if erased:
        names = ("customer_id", "identity", "address", "provider_id")
        blank: dict[str, Any] = dict.fromkeys(names)
        before = replace(before, erased=erased, **blank)
    world.store.put(before.path, before.to_data())
    commit(world, {0: ACCEPTED}).attempt()
    after: dict[str, Any] = {"state": "accepted", "at": world.runner.now(), "reason": None}
    if erased is None:
        after |= {"customer_id": "a", "provider_id": "pm-1"}
    assert records(world) == {"c1-ka": replace(before, **after).to_data()}


def test_who_is_put_off_has_no_record(world: World) -> None:
    again = Again(world.runner.now(), 1, "451")
    after = commit(world, {0: again, 1: again}).attempt()
    assert {*after.later} == {"0", "1"}
    assert records(world) == {}


# Somebody wrote first


def moved(world: World, **fields: Any) -> None:
    world.store.put(SHARD.path, replace(SHARD, **fields).to_data())


def test_where_an_event_has_changed_the_sums_it_is_tried_again_with_them(world: World) -> None:
    once = commit(world, {0: ACCEPTED})
    counts = Counts(4, waiting=3, accepted=1)
    moved(world, counts=counts)
    there = record(world, 0, state="uncertain", bounced=world.store.now())
    world.store.put(there.path, there.to_data())
    with pytest.raises(Conflict):
        once.attempt()
    after = once.attempt()
    assert after.counts == Counts(4, waiting=2, accepted=2)
    assert stored(world) == after
    noted = record(world, 0, provider_id="pm-1", bounced=there.bounced)
    assert records(world) == {"c1-ka": noted.to_data()}


def test_a_record_that_has_gone_meanwhile_is_made_anew(world: World) -> None:
    there = record(world, 0, state="waiting")
    world.store.put(there.path, there.to_data())
    once = commit(world, {0: ACCEPTED})
    world.store.delete(there.path)
    moved(world, counts=Counts(4, waiting=3, accepted=1))
    with pytest.raises(Conflict):
        once.attempt()
    once.attempt()
    assert records(world) == {"c1-ka": record(world, 0, provider_id="pm-1").to_data()}


def test_a_commit_whose_answer_was_lost_is_found(world: World) -> None:
    once = commit(world, {0: ACCEPTED, 1: ACCEPTED})
    again = commit(world, {0: ACCEPTED, 1: ACCEPTED})
    after = once.attempt()
    entries = records(world)
    assert again.attempt() == after
    assert again.version == once.version
    assert records(world) == entries


@pytest.mark.parametrize("holder", ["other-1", None])
def test_a_claim_that_is_another_workers_by_now_is_lost(world: World, holder: str | None) -> None:
    once = commit(world, {0: ACCEPTED})
    moved(world, holder=holder, counts=Counts(4, waiting=3, accepted=1))
    with pytest.raises(Lost):
        once.attempt()
    assert records(world) == {}


def test_a_shard_that_is_gone_is_lost(world: World) -> None:
    once = commit(world, {0: ACCEPTED})
    world.store.delete(SHARD.path)
    with pytest.raises(Lost):
        once.attempt()


def test_of_a_claim_of_nobody_no_records_are_read(world: World) -> None:
    once = commit(world, {}, {})
    moved(world, counts=Counts(4, waiting=3, accepted=1))
    world.store.reads = 0
    with pytest.raises(Conflict):
        once.attempt()
    assert world.store.reads == 1
    assert once.records == {}
