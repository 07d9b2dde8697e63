"""What people and staff left moves with a merge, and back with its undo."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from crm.customers.customer import Customer
from crm.customers.part import Entry
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from testing.hosts import DAY, order, user
from testing.world import World
from tests.unit.contacts.test_arriving import come


def leave(world: World, customer_id: str, **left: Any) -> None:
    """Put something on the customer's part of the lowest rank."""
    path = f"customers/{customer_id}"
    customer = Customer.from_data(customer_id, world.store.read([path])[path].fields)
    part_id, part = min(customer.parts.items(), key=lambda one: one[1].rank)
    changed = customer.with_part(part_id, replace(part, **left))
    world.store.put(path, changed.to_data(world.store.now(), double=False))


def everything(world: World) -> dict[str, Any]:
    kept = {path: dict(one.data) for path, one in world.store._kept.items()}
    ours = {
        path: {name: value for name, value in data.items() if name != "updatedAt"}
        for path, data in kept.items()
    }
    return {
        path: data
        for path, data in ours.items()
        if not path.startswith(("crmMerges/", "crmAudit/", "crmAuditHeads/"))
    }


def test_a_merge_and_its_undo_leave_everything_as_it_was_but_for_the_time_of_writing() -> None:
    world = World()
    ada, _, _ = come(world, "ada@example.com")
    world.put_order("o1", order("bob@example.com", name="Bob"))
    bob = world.with_email("bob@example.com")["id"]
    leave(world, ada, fields={"company": "ACME", "seats": 2}, asked_at=DAY)
    leave(world, bob, fields={"company": None, "vegan": True}, entry=Entry("import", "i", DAY))
    before = everything(world)
    merged, _ = world.runner.run(lambda tx: plan_merge(tx, ada, bob))
    both = world.the_customer()
    assert (both["id"], both["name"]) == (bob, "Bob")
    assert both["fields"] == {"seats": 2, "vegan": True}, "what was emptied hides the other's"
    entries = [part["entry"]["source"] for part in both["parts"].values()]
    assert sorted(entries) == ["form", "import"]
    assert world.wrong() == []
    assert merged.merge_id
    world.runner.run(lambda tx: plan_unmerge(tx, str(merged.merge_id)))
    assert everything(world) == before
    assert world.store.all("customers")[ada]["fields"] == {"company": "ACME", "seats": 2}


def test_the_target_of_a_merge_wins_whichever_side_is_older() -> None:
    for turned in (False, True):
        world = World()
        ids = [come(world, f"{name}@example.com")[0] for name in ("ada", "bob")]
        for customer_id, company in zip(ids, ("ACME", "Beta"), strict=True):
            leave(world, customer_id, fields={"company": company})
        source, target = reversed(ids) if turned else ids
        world.runner.run(partial(plan_merge, source_id=source, target_id=target))
        assert world.the_customer()["fields"] == {"company": "ACME" if turned else "Beta"}


def test_what_a_user_says_of_himself_comes_and_goes_with_his_document() -> None:
    world = World()
    world.put_user("u1", user("ada@example.com"))
    leave(world, world.with_uid("u1")["id"], user_fields={"city": "Bonn"}, fields={"vegan": True})
    assert world.with_uid("u1")["fields"] == {"city": "Bonn", "vegan": True}
    world.delete_user("u1")
    assert world.the_customer()["fields"] == {"vegan": True}, "what staff wrote keeps the customer"
