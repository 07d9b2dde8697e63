"""The last look: all that is known of somebody right before the mail leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm.campaigns.audience import Shard
from crm.campaigns.counts import Counts
from crm.campaigns.last_look import Person, look
from crm.campaigns.mails import MailRecord, mail_key, record_id, record_path
from crm.customers.reference import CustomerRef
from crm.db.collections import CUSTOMERS, MAILS
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy.erasure.erase import erase
from testing.hosts import order
from testing.world import KEYS
from tests.support.mailing import Room, subscriber

ADA, BOB, CYD = (f"{name}@example.com" for name in ("ada", "bob", "cyd"))


def shard_of(*people: tuple[str, str]) -> Shard:
    """A shard of customers, each with the address that the mail is to go to."""
    names = tuple(name for name, _ in people)
    keys = tuple(mail_key(KEYS, "c1", address) for _, address in people)
    return Shard("c1-000000", "c1", names, keys, {}, Counts(len(names), waiting=len(names)))


def seen(room: Room, *people: tuple[str, str]) -> dict[int, Person]:
    shard = shard_of(*people)
    campaign, found = look(room.runner, shard, range(len(people)))
    assert (campaign.path, campaign.exists) == ("crmCampaigns/c1", False)
    return found


def whose(address: str, identity: str | None = None) -> dict[str, Any]:
    key = KEYS.address(address)
    return {"identity": identity or key, "address_key": key}


def person(place: int, name: str, address: str, **more: Any) -> Person:
    nobody: dict[str, Any] = {"data": {}, "reason": None, "identity": None, "address_key": None}
    return Person(place, name, mail_key(KEYS, "c1", address), **{**nobody, **more})


def test_the_people_who_are_asked_for_are_looked_at_with_their_campaign() -> None:
    room = Room()
    for name, address in (("a", ADA), ("b", BOB), ("c", CYD)):
        room.subscriber(name, address)
    room.schedule()
    shard = shard_of(("a", ADA), ("b", BOB), ("c", CYD))
    campaign, found = look(room.runner, shard, [2, 0])
    data = room.store.all(CUSTOMERS)
    assert campaign.data == room.campaign.to_data()
    assert found == {
        2: person(2, "c", CYD, data=data["c"], **whose(CYD)),
        0: person(0, "a", ADA, data=data["a"], **whose(ADA)),
    }
    assert [one.address for one in found.values()] == [CYD, ADA]


@pytest.mark.parametrize(
    ("address", "fields", "reason", "known"),
    [
        (BOB, {}, "address-changed", False),
        (BOB, {"status": "unsubscribed"}, "unsubscribed", False),
        (ADA, {"status": "unsubscribed", "source": "complaint"}, "complained", True),
        (ADA, {"unreachable": "2026-01-01"}, "unreachable", True),
        (None, {}, "no-address", False),
    ],
)
def test_what_is_against_a_mail_and_whose_the_address_is(
    address: str | None, fields: dict[str, Any], reason: str, known: bool
) -> None:
    room = Room()
    data = subscriber(room.store, "a", address or BOB, **fields)
    if address is None:
        data["primaryEmail"], data["emails"] = None, []
        room.store.put(f"{CUSTOMERS}/a", data)
    of = whose(ADA) if known else {}
    found = seen(room, ("a", ADA))
    assert found == {0: person(0, "a", ADA, data=data, reason=reason, **of)}
    assert found[0].address == (address or "")


def test_of_an_address_that_nobody_has_proven_the_user_and_the_record_are_known() -> None:
    room = Room()
    data = subscriber(room.store, "t", None, typed=ADA)
    name = record_id("c1", mail_key(KEYS, "c1", ADA))
    now = room.store.now()
    record = MailRecord(name, "c1", "t", "u", "a", "c1-000000", "waiting", now)
    of = whose(ADA, KEYS.user("uid-t"))
    assert seen(room, ("t", ADA)) == {0: person(0, "t", ADA, data=data, **of)}
    room.store.put(record.path, record.to_data())
    (one,) = seen(room, ("t", ADA)).values()
    assert one.record is not None
    assert (one.record.path, one.record.data) == (record_path(name), record.to_data())
    assert replace(one, record=None) == person(0, "t", ADA, data=data, **of)
    room.subscriber("t", ADA)  # who has proven it has no record that holds the address
    assert seen(room, ("t", ADA))[0].record is None


def test_a_record_is_the_persons_own_in_each_campaign() -> None:
    room = Room()
    for name, address in (("t", ADA), ("u", BOB)):
        room.subscriber(name, None, typed=address)
    for campaign, address in (("c2", ADA), ("c1", BOB)):
        name = record_id(campaign, mail_key(KEYS, campaign, address))
        room.store.put(f"{MAILS}/{name}", {"state": "waiting"})
    found = seen(room, ("t", ADA), ("u", BOB))
    assert [one.record is not None for one in found.values()] == [False, True]


def shop() -> tuple[Room, list[str]]:
    """Ada, Bob and Cyd by their orders, and their ids."""
    room = Room()
    for number, address in enumerate((ADA, BOB, CYD)):
        room.world.put_order(f"o{number}", order(address, marketingOptIn=True))
    return room, [room.id(one) for one in (ADA, BOB, CYD)]


def test_who_is_gone_is_told_apart() -> None:
    room, (a, b, c) = shop()
    room.world.runner.run(lambda tx: plan_merge(tx, a, b))
    ref = CustomerRef("customerId", c)
    erase(room.world.runner, room.world.queue.append, ref, reason="asked")
    room.world.work()
    ((erasure, _),) = room.store.all("crmErasures").items()
    data = {one["id"]: one for one in room.world.customers()}
    del data[b]["id"]
    assert seen(room, (a, ADA), ("x", "x@example.com"), (b, BOB), (c, CYD)) == {
        0: person(0, a, ADA, reason="merged", **whose(ADA)),
        1: person(1, "x", "x@example.com", reason="gone"),
        2: person(2, b, BOB, data=data[b], **whose(BOB)),
        3: person(3, c, CYD, reason="erased", erasure=erasure),
    }


def test_who_is_back_between_two_readings_is_there() -> None:
    room, (a, b, _) = shop()
    done, _ = room.world.runner.run(lambda tx: plan_merge(tx, a, b))
    assert done.merge_id is not None
    merge_id, calls = done.merge_id, iter(range(99))

    def parted() -> None:
        if next(calls) == 1:  # the customers were read, the links were not
            room.store.pause = lambda: None
            room.world.runner.run(lambda tx: plan_unmerge(tx, merge_id))

    room.store.pause = parted
    found = seen(room, (a, ADA), (b, BOB))
    data = room.store.all(CUSTOMERS)
    assert found[0] == person(0, a, ADA, data=data[a], **whose(ADA))
    assert found[1].reason is None


def test_of_a_survivor_who_is_gone_too_nothing_is_known() -> None:
    room, (a, b, _) = shop()
    room.world.runner.run(lambda tx: plan_merge(tx, a, b))
    room.store.delete(f"{CUSTOMERS}/{b}")
    assert seen(room, (a, ADA)) == {0: person(0, a, ADA, reason="merged")}


def test_an_address_of_several_is_found_whichever_is_the_first() -> None:
    room, (a, b, _) = shop()
    room.world.runner.run(lambda tx: plan_merge(tx, a, b))
    data = room.store.all(CUSTOMERS)[b]
    assert sorted(data["emails"]) == [ADA, BOB]
    for address in (ADA, BOB):
        reason = None if address == data["primaryEmail"] else "address-changed"
        expected = person(0, b, address, data=data, reason=reason, **whose(address))
        assert seen(room, (b, address)) == {0: expected}


def test_it_reads_the_campaign_and_each_customer_and_little_more() -> None:
    room = Room()
    for name, address in (("a", ADA), ("b", BOB)):
        room.subscriber(name, address)
    room.subscriber("t", None, typed=CYD)
    for people, reads in (
        ([("a", ADA)], 2),
        ([("a", ADA), ("b", BOB)], 3),
        ([("a", ADA), ("t", CYD)], 4),
    ):
        room.store.reads = 0
        seen(room, *people)
        assert room.store.reads == reads
