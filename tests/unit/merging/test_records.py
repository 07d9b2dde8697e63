"""What a merge and its undo leave in the database, document by document."""

from __future__ import annotations

from typing import Any

import pytest

from crm.customers.customer import Customer
from crm.merging.record import Merge
from crm.repair.rebuild import rebuild
from crm.repair.verify import verify
from testing.hosts import order, user
from testing.world import KEYS, World
from tests.unit.merging.test_merge import guest, merge, tag, unmerge


@pytest.fixture
def world() -> World:
    return World()


def parts_of(world: World, customer_id: str) -> dict[str, int]:
    """The parts of a customer, each with its rank."""
    customer = Customer.from_data(customer_id, world.store.all("customers")[customer_id])
    return {part_id: part.rank for part_id, part in customer.parts.items()}


def before(world: World, customer_id: str) -> dict[str, Any]:
    """What a record keeps of a customer besides its parts."""
    data = world.store.all("customers")[customer_id]
    return {
        "tags": data["tags"],
        "createdAt": data["createdAt"],
        "merges": data["merges"]["open"],
        "staffMerges": data["merges"]["byStaff"],
    }


def round_trips(world: World, call: Any) -> int:
    """How often a call reads from the database, whatever it reads at once."""
    found, read, find = 0, world.store.read, world.store.find

    def counted(paths: Any) -> Any:
        nonlocal found
        found += 1
        return read(paths)

    def sought(query: Any) -> Any:
        nonlocal found
        found += 1
        return find(query)

    world.store.read, world.store.find = counted, sought  # type: ignore[method-assign]
    try:
        call()
    finally:
        del world.store.read, world.store.find
    return found


def test_the_record_of_a_merge_by_staff_is_enough_to_undo_it(world: World) -> None:
    ada, bob, cyd, dan = (guest(world, name) for name in ("ada", "bob", "cyd", "dan"))
    first = merge(world, cyd, ada).merge_id
    second = merge(world, dan, bob).merge_id
    tag(world, ada, "a", "both")
    tag(world, bob, "b", "both")
    kept = [before(world, one) for one in (ada, bob)]
    ranks, held = parts_of(world, ada), parts_of(world, bob)
    merge_id = merge(world, ada, bob).merge_id
    assert merge_id is not None
    written = world.store.all("crmMerges")[merge_id]
    assert written == {
        "sourceId": ada,
        "targetId": bob,
        "at": world.the_customer()["updatedAt"],
        "state": "open",
        "ranks": ranks,
        "held": sorted(held),
        "source": kept[0],
        "target": kept[1],
        "links": [cyd],
        "proof": None,
    }
    assert Merge.from_data(written).by_staff
    assert world.store.all("crmLinks") == {
        ada: {"customerId": bob, "mergeId": merge_id},
        cyd: {"customerId": bob, "mergeId": first},
        dan: {"customerId": bob, "mergeId": second},
    }
    assert world.the_customer()["merges"] == {"open": [second, merge_id], "byStaff": 3}
    assert parts_of(world, bob) == held | {key: 2 + rank for key, rank in ranks.items()}
    unmerge(world, merge_id)
    assert world.store.all("crmMerges")[merge_id] == written | {"state": "undone"}
    assert world.store.all("crmLinks") == {
        cyd: {"customerId": ada, "mergeId": first},
        dan: {"customerId": bob, "mergeId": second},
    }
    assert [before(world, one) for one in (ada, bob)] == kept
    assert (parts_of(world, ada), parts_of(world, bob)) == (ranks, held)


def test_the_record_of_a_merge_by_proof_names_the_proof_and_what_was_before_it(
    world: World,
) -> None:
    world.put_user("u1", user("old@example.com"))
    world.put_order("o1", order("new@example.com"))
    guest_id, registered = world.with_email("new@example.com")["id"], world.with_uid("u1")["id"]
    world.put_user("u1", user("new@example.com"))
    ((merge_id, written),) = world.store.all("crmMerges").items()
    assert (written["sourceId"], written["targetId"]) == (guest_id, registered)
    assert written["proof"] == {
        "userKey": KEYS.user("u1"),
        "provenBefore": KEYS.address("old@example.com"),
        "addressKey": KEYS.address("new@example.com"),
        "ownerBefore": None,
    }
    assert not Merge.from_data(written).by_staff
    assert world.the_customer()["merges"] == {"open": [merge_id], "byStaff": 0}


def test_the_audit_trail_names_both_sides_and_the_merge(world: World) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob")
    merge_id = merge(world, ada, bob).merge_id
    unmerge(world, merge_id)
    entries = sorted(world.store.all("crmAudit").values(), key=lambda one: one["at"])
    assert [(one["action"], one["customers"], one["facts"]) for one in entries] == [
        ("customer.merge", [bob, ada], {"mergeId": merge_id}),
        ("customer.unmerge", [bob, ada], {"mergeId": merge_id}),
    ]


def test_both_customers_of_an_undo_are_answered_as_they_are_stored(world: World) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob", day=1)
    merge_id = merge(world, ada, bob).merge_id
    answered = unmerge(world, merge_id).result
    assert answered == unmerge(world, merge_id).result
    assert [one["customerId"] for one in answered] == [ada, bob]
    stored = world.store.all("customers")
    for one in answered:
        data = stored[str(one["customerId"])]
        assert {key: data[key] for key in one if key != "customerId"} == {
            key: value for key, value in one.items() if key != "customerId"
        }
        assert "parts" not in one


@pytest.mark.parametrize("addresses", [1, 2, 4])
def test_a_merge_and_an_undo_take_as_many_round_trips_however_many_parts_move(
    world: World, addresses: int
) -> None:
    for number in range(addresses):
        world.put_user("u1", user(f"ada{number}@example.com"))
    ada, bob = world.with_uid("u1")["id"], guest(world, "bob")
    assert len(parts_of(world, ada)) == 1 + addresses
    made: list[str | None] = []
    # Both customers; all identities; the head of the audit trail.
    assert round_trips(world, lambda: made.append(merge(world, ada, bob).merge_id)) == 3
    # The merge, then the same.
    assert round_trips(world, lambda: unmerge(world, made[0])) == 4


def test_an_undo_reads_no_identity_of_the_target(world: World) -> None:
    """But for its users, who may have proven what moves."""
    for uid in ("ada", "bob"):
        world.put_user(uid, user(f"old-{uid}@example.com"))
        world.put_user(uid, user(f"{uid}@example.com"))
    ada, bob = world.with_uid("ada")["id"], world.with_uid("bob")["id"]
    merge_id = merge(world, ada, bob, allow_two_users=True).merge_id
    read, asked = world.store.read, set[str]()

    def watched(paths: Any) -> Any:
        found = list(paths)
        asked.update(found)
        return read(found)

    world.store.read = watched  # type: ignore[method-assign]
    unmerge(world, merge_id)
    addresses = ("old-ada@example.com", "ada@example.com")
    keys = {*map(KEYS.address, addresses), KEYS.user("ada"), KEYS.user("bob")}
    assert {one for one in asked if one.startswith("crmIdentities/")} == {
        f"crmIdentities/{key}" for key in keys
    }


def test_links_to_the_source_are_looked_for_where_merges_into_it_are_open(world: World) -> None:
    ada, bob, cyd = (guest(world, name) for name in ("ada", "bob", "cyd"))
    merge(world, cyd, ada)
    assert round_trips(world, lambda: merge(world, ada, bob)) == 3 + 1


@pytest.mark.parametrize("links", [1, 3])
def test_links_to_the_source_are_read_together_when_they_are_led_back(
    world: World, links: int
) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob")
    others = [guest(world, f"other{number}") for number in range(links)]
    for other in others:
        merge(world, other, ada)
    made = merge(world, ada, bob)
    assert round_trips(world, lambda: unmerge(world, made.merge_id)) == 4 + 1
    led = world.store.all("crmLinks")
    assert {key: link["customerId"] for key, link in led.items()} == dict.fromkeys(others, ada)


def test_an_id_whose_link_was_lost_is_not_led_back_by_half_a_link(world: World) -> None:
    """Only the record of its own merge says all that a link holds; a rebuild looks there."""
    ada, bob, cyd = (guest(world, name) for name in ("ada", "bob", "cyd"))
    first = merge(world, cyd, ada).merge_id
    merge_id = merge(world, ada, bob).merge_id
    world.store.delete(f"crmLinks/{cyd}")
    unmerge(world, merge_id)
    assert world.store.all("crmLinks") == {}
    assert list(verify(world.runner)) == [
        (f"crmMerges/{first}", "has taken an id away that leads nowhere")
    ]
    rebuild(world.runner)
    assert world.store.all("crmLinks") == {cyd: {"customerId": ada, "mergeId": first}}
    assert list(verify(world.runner)) == []
