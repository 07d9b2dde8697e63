"""After an older backup was restored: every erasure is applied again, later purchases stay."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.customers.reference import CustomerRef
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy.erasure import file as erasure_file
from crm.privacy.erasure.erase import erase, erase_again, erasures
from crm.privacy.erasure.record import Erasure
from crm.repair.rebuild import rebuild
from testing.hosts import order, user
from testing.world import World

ADA = CustomerRef("email", "ada@example.com")


@pytest.fixture
def world() -> World:
    world = World()
    world.put_user("u1", user())
    world.put_order("o1", order(userId="u1", phone="030 1234567"))
    world.put_order("o2", order())
    world.put_order("bob", order("bob@example.com", name="Bob"))
    return world


def backup(world: World) -> dict[str, Any]:
    return copy.deepcopy(world.store._kept)


def restore(world: World, kept: dict[str, Any], collections: str = "") -> None:
    """Put a backup in place of the database, or of one collection of it."""
    if not collections:
        world.store._kept = copy.deepcopy(kept)
        return
    for path in [one for one in world.store._kept if one.startswith(collections)]:
        del world.store._kept[path]
    restored = {path: one for path, one in kept.items() if path.startswith(collections)}
    world.store._kept.update(copy.deepcopy(restored))


def gone(world: World) -> list[Erasure]:
    """Erase Ada; give the records as a file holds them."""
    erase(world.runner, world.queue.append, ADA, reason="asked by letter")
    return erasure_file.read(erasure_file.write(erasures(world.runner)))


def reapply(world: World, records: list[Erasure]) -> int:
    done = sum(erase_again(world.runner, world.queue.append, one) for one in records)
    world.work()
    return done


def residue(world: World) -> list[str]:
    """Paths of documents that name Ada in the clear."""
    words = ("ada@example.com", "Lovelace", "030 1234567", "'u1'")
    kept = {path: repr(one.data) for path, one in world.store._kept.items()}
    return [path for path, text in kept.items() if any(word in text for word in words)]


def test_an_old_backup_restored(world: World) -> None:
    kept = backup(world)
    records = gone(world)
    assert residue(world) == []
    restore(world, kept)
    assert residue(world)
    assert reapply(world, records) == 1
    rebuild(world.runner)
    assert residue(world) == []
    assert [one["emails"] for one in world.customers()] == [["bob@example.com"]]
    assert world.wrong() == []
    assert reapply(world, records) == 0, "once is enough"
    (record,) = erasures(world.runner)
    assert (record.state, record.uids, record.at) == ("done", (), records[0].at)


@pytest.mark.parametrize("rebuilt_first", [True, False])
def test_a_later_purchase_stays(world: World, rebuilt_first: bool) -> None:
    kept = backup(world)
    records = gone(world)
    world.store.now()
    restore(world, kept)
    later = order(createdAt=world.store.now() + timedelta(days=1), total=7)
    world.store.put("orders/later", later)
    if rebuilt_first:
        rebuild(world.runner)
        assert len(world.customers()) == 2, "the purchase has joined the person who came back"
    reapply(world, records)
    rebuild(world.runner)
    assert world.with_email("ada@example.com")["totalSpend"] == {"USD": 700}
    assert world.with_email("ada@example.com")["userIds"] == []
    assert world.wrong() == []


def test_only_the_hosts_orders_were_restored(world: World) -> None:
    kept = backup(world)
    records = gone(world)
    restore(world, kept, "orders/")
    reapply(world, records)
    rebuild(world.runner)
    assert residue(world) == []
    assert world.wrong() == []


def test_only_the_hosts_users_were_restored(world: World) -> None:
    kept = backup(world)
    records = gone(world)
    restore(world, kept, "users/")
    reapply(world, records)
    rebuild(world.runner)
    assert residue(world) == []


def test_nothing_of_ours_was_restored(world: World) -> None:
    """The host's documents of before, and an empty CRM-Lite."""
    kept = backup(world)
    records = gone(world)
    restore(world, {path: one for path, one in kept.items() if path.startswith(("ord", "use"))})
    reapply(world, records)
    rebuild(world.runner)
    assert residue(world) == []
    assert [one["emails"] for one in world.customers()] == [["bob@example.com"]]


def test_a_backup_of_when_two_people_were_merged(world: World) -> None:
    ada, bob = world.with_email("ada@example.com")["id"], world.with_email("bob@example.com")["id"]
    plan, _ = world.runner.run(lambda tx: plan_merge(tx, ada, bob))
    kept = backup(world)
    world.runner.run(lambda tx: plan_unmerge(tx, plan.merge_id or ""))
    records = gone(world)
    restore(world, kept)
    reapply(world, records)
    rebuild(world.runner)
    assert world.the_customer()["emails"] == ["bob@example.com"]
    assert world.the_customer()["orderCount"] == 1
    assert residue(world) == []
    assert world.wrong() == []


def test_an_objection_to_marketing_outlives_the_restore(world: World) -> None:
    kept = backup(world)
    path = f"customers/{world.with_email('ada@example.com')['id']}"
    data = world.store.read([path])[path].fields
    decision = {"status": "unsubscribed", "at": world.store.now(), "source": "staff"}
    parts = {key: {**part, "decision": decision} for key, part in data["parts"].items()}
    world.store.put(path, {**data, "parts": parts})
    records = gone(world)
    restore(world, kept)
    reapply(world, records)
    world.put_order("o9", order(createdAt=world.store.now() + timedelta(days=1)))
    assert world.with_email("ada@example.com")["marketing"]["status"] == "unsubscribed"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "x"}', "7", '{"erasures": [1]}'])
def test_a_file_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="no file of erasures"):
        erasure_file.read(text)


def test_a_file_says_what_the_records_say(world: World) -> None:
    records = gone(world)
    assert records == erasures(world.runner)
